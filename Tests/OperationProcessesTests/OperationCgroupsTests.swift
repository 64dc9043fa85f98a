import Foundation
import Testing

@testable import OperationProcesses

/// Against a directory that stands for a cgroup; that limits bite is checked by `scripts/check-cgroups`, in a virtual machine.
@Suite("Cgroups of operations")
struct OperationCgroupsTests {
    @Test("What an earlier agent has left is removed once nothing is in it, and nothing else is")
    func left() throws {
        try Self.withDirectory { (base) throws in
            let manager = FileManager.default
            for name in ["operation-7-1", "operation-7-2/with", "agent"] {
                try manager.createDirectory(atPath: "\(base)/\(name)", withIntermediateDirectories: true)
            }
            let cgroups = OperationCgroups(base: base)
            #expect(try manager.contentsOfDirectory(atPath: base).sorted() == ["agent", "operation-7-2"])
            // It has become empty meanwhile: the next operation takes it away.
            try manager.removeItem(atPath: "\(base)/operation-7-2/with")
            #expect(throws: ProcessFailure.self) { try cgroups.make(for: ProcessLimits(memory: 1 << 30)) }
            #expect(try manager.contentsOfDirectory(atPath: base) == ["agent"])
        }
    }

    @Test("A limit that cannot be set is told with what to do, and no directory is left")
    func unset() throws {
        try Self.withDirectory { (base) throws in
            let failure = #expect(throws: ProcessFailure.self) {
                try OperationCgroups(base: base).make(for: ProcessLimits(processes: 5))
            }
            #expect(failure.map { "\($0)".contains("pids.max") && "\($0)".contains("limits.cgroup") } == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: base) == [])
            #expect(try OperationCgroups(base: base).make(for: ProcessLimits(openFiles: 100)) == nil)
        }
    }

    @Test("A limit that was reached is said in a sentence that names the setting, and completes an error")
    func reached() throws {
        try Self.withDirectory { (base) throws in
            func write(_ text: String, _ name: String) throws {
                try text.write(toFile: "\(base)/\(name)", atomically: false, encoding: .utf8)
            }
            try write("low 0\nhigh 0\nmax 12\noom 2\noom_kill 2\noom_group_kill 0\n", "memory.events")
            try write("max 0\n", "pids.events")
            let cgroups = OperationCgroups(base: base)
            let limits = ProcessLimits(memory: 1 << 26, processes: 40)
            let reached = ReachedLimits()
            #expect(reached.completing("killed\n") == "killed\n")
            reached.add(cgroups.reached(in: base, limits))
            let memory =
                "limits.memory (67108864 bytes) was used up: the system killed 2 processes of the operation"
            #expect(reached.completing("killed\n") == "killed; \(memory)")
            try write("max 3\n", "pids.events")
            #expect(
                cgroups.reached(in: base, limits) == [
                    memory, "limits.processes (40) was used up: not every process could be started",
                ])
            #expect(cgroups.reached(in: base, ProcessLimits(cpu: 1)) == [])
        }
    }

    private static func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "cgroup-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }
}
