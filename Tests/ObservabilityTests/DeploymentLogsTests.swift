import Foundation
import Testing

@testable import Observability

@Suite("Logs of deployments")
struct DeploymentLogsTests {
    private let directory = NSTemporaryDirectory() + "operative-deployment-logs-\(UUID().uuidString)"

    private func text(_ name: String) -> String {
        (try? String(contentsOfFile: directory + "/logs/" + name, encoding: .utf8)) ?? ""
    }

    private func logs(maxBytes: Int = 0, maxHistory: Int = 0) throws -> DeploymentLogs {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        return DeploymentLogs(directory: directory + "/logs", maxBytes: maxBytes, maxHistory: maxHistory)
    }

    @Test(
        "Each deployment has a file, and what belongs to none has one; lines are as a Cloudify agent's operations print them"
    )
    func lines() throws {
        let logs = try logs()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        logs.write("hello", level: "info", deployment: "web", execution: "e1", node: "host_1")
        logs.write("again", level: "warning", deployment: "web", execution: "e1", node: nil)
        logs.write("system", level: "debug", deployment: nil, execution: nil, node: nil)
        let lines = text("web.log").split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.dropFirst(23) == ":INFO: [e1] [host_1] hello")
        #expect(lines.last?.dropFirst(23) == ":WARNING: [e1] again")
        #expect(text("__system__.log").hasSuffix(":DEBUG: system\n"))
    }

    @Test("A file that has grown is put aside, and only so many are kept")
    func bounded() throws {
        let logs = try logs(maxBytes: 1_000, maxHistory: 2)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for number in 0..<200 {
            logs.write("line \(number)", level: "info", deployment: "d", execution: "e", node: "n")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/logs").sorted()
        #expect(names == ["d.log", "d.log.1", "d.log.2"])
        #expect(names.allSatisfy { text($0).utf8.count <= 1_000 })
        #expect(text("d.log").hasSuffix("line 199\n"))
    }

    @Test("No name leads out of the directory, and more deployments than files may be open lose nothing")
    func names() throws {
        let logs = try logs()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(DeploymentLogs.fileName(of: "../../etc/passwd") == "_._.._etc_passwd")
        #expect(DeploymentLogs.fileName(of: "..") == "_.")
        #expect(DeploymentLogs.fileName(of: "") == "__system__")
        for round in 0..<2 {
            for number in 0..<40 {
                logs.write("\(round)", level: "info", deployment: "d\(number)", execution: nil, node: nil)
            }
        }
        for number in 0..<40 { #expect(text("d\(number).log").split(separator: "\n").count == 2) }
    }
}
