import Glibc
import Operative
import OperativeTestKit
import Testing
import WebServerPlugin

@Suite("Example plugins", .timeLimit(.minutes(3)))
struct WebServerPluginTests {
    @Test("A started child has empty sets of blocked and ignored signals, although the agent ignores SIGPIPE")
    func signals() async throws {
        signal(SIGPIPE, SIG_IGN)
        let pid = try await BackgroundProcess.start("sleep", ["60"], workingDirectory: "/tmp", log: "/dev/null")
        defer { kill(pid, SIGKILL) }
        // The shell in between replaces itself by setsid and that by sleep: the sets are read from the program itself.
        while try statusLine("Name", of: pid) != "sleep" { await Task.yield() }
        #expect(try statusLine("SigBlk", of: pid) == "0000000000000000")
        // Signals 32 and 33 belong to the C library, which lets no program use them.
        let ignored = try #require(UInt64(try statusLine("SigIgn", of: pid), radix: 16))
        #expect(ignored & ~0x1_8000_0000 == 0)
    }

    @Test("webserver.start serves its page and keeps root and pid; webserver.stop ends it and forgets them")
    func webServer() async throws {
        let port = Int.random(in: 20_000..<30_000)
        let environment = OperationEnvironment(node: "web", properties: ["port": .integer(port)])
        let started = await environment.run("webserver.start", in: WebServerPlugin())
        #expect(started.failure == nil)
        #expect(await HTTPProbe.answers(address: "127.0.0.1", port: port, within: .seconds(5)))
        #expect(environment.runtimeProperties["pid"]?.intValue != nil)
        let stopped = await environment.run("webserver.stop", in: WebServerPlugin())
        #expect(stopped.failure == nil)
        #expect(await !HTTPProbe.answers(address: "127.0.0.1", port: port, within: .milliseconds(200)))
        #expect(environment.runtimeProperties.isEmpty)
    }

    @Test(
        "A web server without a usable port is refused for good, naming the property",
        arguments: [nil, 0, 70_000, "x"] as [PropertyValue?])
    func badPort(port: PropertyValue?) async throws {
        let environment = OperationEnvironment(node: "web", properties: port.map { ["port": $0] } ?? [:])
        let failure = try #require(await environment.run("webserver.start", in: WebServerPlugin()).failure)
        #expect(failure.message.contains("'port'"))
    }

    @Test("machine.start asks to come back until the machine runs, then stores its address")
    func machine() async throws {
        let environment = OperationEnvironment(node: "vm", properties: ["boot_seconds": 0, "poll_seconds": 1])
        let first = await environment.run("machine.start", in: MachinePlugin())
        #expect(first.retry?.after == .seconds(1))
        while await environment.run("machine.start", in: MachinePlugin(), retryNumber: 1).retry != nil {
            await Task.yield()
        }
        #expect(environment.runtimeProperties["ip"] == "127.0.0.1")
    }

    private func statusLine(_ key: String, of pid: Int32) throws -> String {
        let text = try #require(read("/proc/\(pid)/status"))
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(key):") }
        return try #require(line).split(separator: "\t").dropFirst().joined()
    }

    private func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 8_192)
        let count = fread(&buffer, 1, buffer.count - 1, file)
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
