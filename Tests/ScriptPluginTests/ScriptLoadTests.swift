import AgentTestSupport
import Foundation
import OperationProcesses
import Operative
import OperativeTestKit
import ScriptPlugin
import Testing

/// Many scripts, in a process of their own, so that everything that it has open or holds is theirs.
@Suite("Many script operations", .timeLimit(.minutes(10)))
struct ScriptLoadTests {
    /// A thousand where there is time.
    private static let count = ProcessInfo.processInfo.environment["OPERATIVE_LONG_TESTS"] == nil ? 300 : 1000

    @Test("Many at a width of eight: none fails, and no file, descriptor, process or memory is left", .ownProcess)
    func many() async throws {
        let stage = try ScriptStage()
        let plugin = stage.plugin()
        /// - Returns: what became of those that failed.
        @Sendable func run(_ count: Int) async -> [String] {
            await withTaskGroup(of: String?.self) { group in
                var failures: [String?] = []
                for number in 0..<count {
                    if number >= 8 { failures.append(await group.next() ?? nil) }
                    group.addTask {
                        let result = await stage.run(
                            "ctx node id; ctx instance runtime-properties n @\(number); ctx returns @\(number)",
                            in: TestEnvironment(node: "web"), plugin: plugin)
                        return result.value == .integer(number) ? nil : "\(number): \(result.outcome)"
                    }
                }
                for await failure in group { failures.append(failure) }
                return failures.compactMap(\.self)
            }
        }
        // What stays open and allocated for good is there after these.
        let first = await run(50)
        #expect(first == [])
        let (descriptors, resident) = (OwnProcess.openDescriptors.count, OwnProcess.residentBytes)
        let failures = await run(Self.count)
        #expect(failures == [])
        #expect(stage.leftovers == [])
        #expect(stage.ledger.groups.isEmpty)
        #expect(OwnProcess.children == [])
        let areClosed = await OwnProcess.comes { OwnProcess.openDescriptors.count <= descriptors }
        #expect(areClosed, "\(OwnProcess.openDescriptors.count) instead of \(descriptors)")
        let grown = OwnProcess.residentBytes - resident
        print("\(Self.count) script operations: resident memory grew by \(grown >> 10) KiB")
        #expect(grown < 8 << 20, "\(grown >> 10) KiB")
    }

    @Test("A flood of output that nobody takes fast costs no memory: the script waits", .ownProcess)
    func flood() async throws {
        let stage = try ScriptStage()
        let plugin = stage.plugin()
        let quiet: [String: PropertyValue] = ["process": ["log_stdout": false]]
        let environment = TestEnvironment(node: "web")
        let first = await stage.run("head -c 5000000 /dev/zero", quiet, in: environment, plugin: plugin)
        #expect(first.value == .null)
        OwnProcess.forgetPeak()
        let resident = OwnProcess.residentBytes
        for source in [
            // A line without an end, bytes that are no text, and many short lines.
            "head -c 60000000 /dev/zero | tr '\\0' x", "head -c 10000000 /dev/urandom",
            "yes 0123456789 | head -c 5000000",
        ] {
            let result = await stage.run(source, quiet, in: environment, plugin: plugin)
            #expect(result.value == .null)
        }
        let grown = OwnProcess.peakResidentBytes - resident
        print("75 MB of output: at most \(grown >> 10) KiB more")
        #expect(grown < 32 << 20, "\(grown >> 10) KiB")
    }
}
