import AgentTestSupport
import CtxProtocol
import Foundation
import Glibc
import OperationProcesses
import Operative
import OperativeTestKit
import Synchronization
import TestRandomness
import Testing

@testable import CtxService

@Suite("Who gets in to an operation's ctx")
struct FacesTests {
    private let environment = OperationEnvironment(node: "web")
    private static let question = Array(#"{"args": ["node", "id"]}"#.utf8)
    private static let reply = #"{"type": "result", "payload": "web"}"#

    private func post(_ path: String, body: [UInt8] = question, method: String = "POST") -> [UInt8] {
        Array("\(method) \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private func http(_ served: Served, _ request: [UInt8]) async throws -> String {
        let answer = try await blocking {
            let wire = try Wire(port: served.port)
            wire.send(request)
            return wire.rest()
        }
        return String(decoding: try #require(answer, "the connection stayed open"), as: UTF8.self)
    }

    private func socket(_ served: Served, _ request: [UInt8]) async throws -> String {
        let answer = try await blocking {
            let wire = try Wire(socket: served.socket)
            wire.send(request)
            return wire.rest()
        }
        return String(decoding: try #require(answer, "the connection stayed open"), as: UTF8.self)
    }

    @Test("over HTTP only who knows the path learns anything")
    func secretPath() async throws {
        try await serving(environment.context()) { (served) async throws in
            #expect(served.url.hasPrefix("http://127.0.0.1:"))
            #expect(served.secretPath.count == 33)
            #expect(try await http(served, post(served.secretPath)).hasSuffix(Self.reply))
            #expect(try await http(served, post(served.secretPath + "/")).hasSuffix(Self.reply))
            let wrong = [
                "/", "/x", "*", "//", served.secretPath + "x", String(served.secretPath.dropLast()),
                served.secretPath + "?a",
                served.secretPath.uppercased() + "/", String(repeating: "a", count: 50_000),
            ]
            for path in wrong where path != served.secretPath {
                let answer = try await http(served, post(path))
                #expect(
                    answer.hasPrefix("HTTP/1.0 404 Not Found\r\n") || answer.hasPrefix("HTTP/1.0 400 "),
                    "\(path): \(answer)")
                #expect(answer.hasSuffix("\r\n\r\n"))
            }
            #expect(try await http(served, post(served.secretPath, method: "GET")).hasPrefix("HTTP/1.0 405 "))
        }
    }

    @Test("over the socket only who knows the token")
    func token() async throws {
        try await serving(environment.context()) { (served) async throws in
            let right = CtxFrame.request(token: served.token, body: Self.question)
            #expect(try await socket(served, right).hasSuffix(Self.reply))
            for token in ["", "x", String(served.token.dropLast()) + "?", served.token + "0"] {
                #expect(try await socket(served, CtxFrame.request(token: token, body: Self.question)) == "")
            }
            for line in [
                "\n", "ctx 1\n", "ctx 2 \(served.token) 5\n", "ctx 1 \(served.token) -5\n",
                String(repeating: "x", count: 1000),
            ] {
                #expect(try await socket(served, Array(line.utf8)) == "", "\(line)")
            }
        }
    }

    @Test("the directory is the user's alone, and is gone afterwards")
    func directory() async throws {
        var socket = ""
        try await serving(environment.context()) { (served) async throws in
            socket = served.socket
            let folder = URL(filePath: socket).deletingLastPathComponent().path
            let manager = FileManager.default
            #expect(try manager.attributesOfItem(atPath: folder)[.posixPermissions] as? Int == 0o700)
            #expect(try manager.attributesOfItem(atPath: socket)[.posixPermissions] as? Int == 0o600)
            #expect(try manager.contentsOfDirectory(atPath: folder).sorted() == ["bin", "socket"])
            #expect(try manager.contentsOfDirectory(atPath: served.endpoints.path).sorted() == ["ctx", "ctx-sh"])
        }
        #expect(!FileManager.default.fileExists(atPath: URL(filePath: socket).deletingLastPathComponent().path))
    }

    @Test("what a script puts into the directory goes with it, and nothing that its links lead to")
    func changedDirectory() async throws {
        let manager = FileManager.default
        let other = manager.temporaryDirectory.appending(path: "ctx-other-\(UUID().uuidString)").path
        try manager.createDirectory(atPath: other, withIntermediateDirectories: false)
        defer { try? manager.removeItem(atPath: other) }
        for name in ["ctx", "ctx-sh", "socket"] {
            #expect(manager.createFile(atPath: "\(other)/\(name)", contents: nil))
        }
        var folder = ""
        try await serving(environment.context()) { (served) async throws in
            folder = URL(filePath: served.socket).deletingLastPathComponent().path
            try manager.createDirectory(atPath: "\(folder)/own/deeper", withIntermediateDirectories: true)
            #expect(manager.createFile(atPath: "\(folder)/own/deeper/file", contents: nil))
            try manager.createSymbolicLink(atPath: "\(folder)/own/link", withDestinationPath: other)
            try manager.moveItem(atPath: "\(folder)/bin", toPath: "\(folder)/moved")
            try manager.createSymbolicLink(atPath: "\(folder)/bin", withDestinationPath: other)
        }
        #expect(try manager.contentsOfDirectory(atPath: other).sorted() == ["ctx", "ctx-sh", "socket"])
        #expect(!manager.fileExists(atPath: folder))
    }

    @Test("what a killed agent has left is deleted, and nothing else")
    func leftovers() throws {
        let manager = FileManager.default
        let directory = manager.temporaryDirectory.appending(path: "ctx-left-\(UUID().uuidString)").path
        defer { try? manager.removeItem(atPath: directory) }
        try manager.createDirectory(atPath: "\(directory)/other/bin", withIntermediateDirectories: true)
        let noted = TemporaryDirectories(notes: "\(directory)/notes")
        let settings = CtxSettings(
            directory: directory, executable: try CtxExecutable.locate(libexec: nil), temporaryDirectories: noted)
        let left = try CtxPlace.make(settings)
        #expect(manager.fileExists(atPath: "\(left.programs)/ctx-sh"))
        try CtxPlace.make(settings).remove()
        #expect(try manager.contentsOfDirectory(atPath: "\(directory)/notes").count == 1)
        #expect(noted.sweep() == [])
        #expect(try manager.contentsOfDirectory(atPath: directory).sorted() == ["notes", "other"])
        #expect(try manager.contentsOfDirectory(atPath: "\(directory)/notes") == [])
    }

    @Test("a directory too deep for a socket's address is replaced")
    func deepDirectory() async throws {
        try await serving(environment.context(), directory: "/tmp/" + String(repeating: "d", count: 90)) {
            (served) async throws in
            #expect(served.socket.utf8.count <= 107)
            #expect(try await served.ask("node", "id")["payload"] == "web")
            try? FileManager.default.removeItem(atPath: "/tmp/" + String(repeating: "d", count: 90))
        }
    }

    @Test("a request beyond the limit is refused while it is sent, and the refusal arrives")
    func size() async throws {
        try await serving(environment.context(), maximumRequest: 1000) { (served) async throws in
            let large = Array(#"{"args": ["\#(String(repeating: "x", count: 300_000))"]}"#.utf8)
            let refused = try await socket(served, CtxFrame.request(token: served.token, body: large))
            #expect(refused.contains("a request may have 1000 bytes"), "\(refused)")
            #expect(try await http(served, post(served.secretPath, body: large)).hasPrefix("HTTP/1.0 413 "))
            let chunked =
                "POST \(served.secretPath) HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                + String(repeating: "400\r\n" + String(repeating: "x", count: 1024) + "\r\n", count: 5)
            #expect(try await http(served, Array(chunked.utf8)).hasPrefix("HTTP/1.0 413 "))
        }
    }

    @Test("who sends nothing, or not enough, is cut off")
    func slow() async throws {
        try await serving(environment.context(), patience: .milliseconds(200)) { (served) async throws in
            #expect(try await socket(served, []) == "")
            #expect(try await socket(served, Array("ctx 1 \(served.token) 100\n{".utf8)) == "")
            #expect(try await http(served, []) == "")
            #expect(
                try await http(served, Array("POST \(served.secretPath) HTTP/1.1\r\nContent-Length: 9\r\n\r\n{".utf8))
                    == "")
        }
    }

    @Test("more calls than are served at once wait in the line, and all are answered")
    func many() async throws {
        try await serving(environment.context(), maximumClients: 3) { (served) async throws in
            let run = try await served.script(
                "for i in $(seq 60); do ctx instance runtime-properties p$i @$i & done; wait; ctx instance update")
            #expect(run.status == 0 && run.complaint.isEmpty, "\(run)")
        }
        #expect(environment.runtimeProperties.count == 60)
        #expect(environment.runtimeProperties["p60"] == 60)
    }

    @Test("log records of one process come in its order")
    func order() async throws {
        try await serving(environment.context()) { (served) async throws in
            let run = try await served.script("for i in $(seq 30); do ctx logger info $i; done")
            #expect(run.status == 0)
        }
        #expect(environment.logs.map(\.message) == (1...30).map(String.init))
    }

    @Test("an open call ends with the operation")
    func openCall() async throws {
        let manager = StubbornManager()
        let wire = try await serving(manager.context) { (served) async throws in
            let wire = try Wire(socket: served.socket)
            let body = Array(#"{"args": ["get-resource", "never"]}"#.utf8)
            wire.send(CtxFrame.request(token: served.token, body: body))
            await manager.waitForQuestion()
            return wire
        }
        #expect(manager.wasCancelled.withLock { $0 })
        #expect(try await blocking { wire.rest() } == [])
    }

    @Test("a cancelled operation ends its calls and leaves nothing behind")
    func cancelled() async throws {
        let manager = StubbornManager()
        let operation = Task {
            try await serving(manager.context) { (served) async throws in
                let wire = try Wire(socket: served.socket)
                wire.send(
                    CtxFrame.request(token: served.token, body: Array(#"{"args": ["get-resource", "never"]}"#.utf8)))
                try await Task.sleep(for: .seconds(3600))
                withExtendedLifetime(wire) {}
            }
        }
        await manager.waitForQuestion()
        operation.cancel()
        await #expect(throws: CancellationError.self) { try await operation.value }
        #expect(manager.wasCancelled.withLock { $0 })
    }

    @Test("bytes of any kind are answered or refused, and the next client is served")
    func garbage() async throws {
        try await serving(environment.context(), patience: .seconds(2)) { (served) async throws in
            var generator = SeededGenerator(seed: 11)
            let seeds = [
                CtxFrame.request(token: served.token, body: Self.question), post(served.secretPath),
                Array(
                    "POST \(served.secretPath) HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
                        .utf8),
            ]
            for _ in 0..<150 {
                var bytes = seeds.randomElement(using: &generator) ?? []
                for _ in 0..<Int.random(in: 0...6, using: &generator) where !bytes.isEmpty {
                    let position = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes[position] = UInt8.random(in: .min ... .max, using: &generator)
                    case 1: bytes.remove(at: position)
                    default: bytes.insert(UInt8.random(in: .min ... .max, using: &generator), at: position)
                    }
                }
                let (sent, toSocket) = (bytes, Bool.random(using: &generator))
                let ended = try await blocking {
                    let wire = try toSocket ? Wire(socket: served.socket) : Wire(port: served.port)
                    wire.send(sent)
                    wire.endSending()
                    return wire.rest() != nil
                }
                #expect(ended, "\(String(decoding: sent, as: UTF8.self))")
            }
            #expect(try await served.ask("node", "id")["payload"] == "web")
            #expect(try await http(served, post(served.secretPath)).hasSuffix(Self.reply))
        }
    }

    /// Runs a command as another user, as the launcher of operations does.
    private static func asUser(_ user: String, _ command: String) -> String {
        "setpriv --reuid=$(id -u \(user)) --regid=$(id -g \(user)) --clear-groups bash -c '\(command)'"
    }

    @Test(
        "where the operation runs as another user, that user is let in and no third", .root, .programs(runBy: "nobody"))
    func users() async throws {
        let open = FileManager.default.temporaryDirectory.appending(path: "ctx-users-\(UUID().uuidString)").path
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: open, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        defer { try? manager.removeItem(atPath: open) }
        try manager.copyItem(atPath: try Programs.ctx(), toPath: open + "/ctx-program")
        var files = TestManager()
        files.resources = ["motd": "welcome\n"]
        let environment = OperationEnvironment(TestInstance(node: "web"), manager: files)
        try await serving(environment.context(), directory: open, executable: open + "/ctx-program", user: "nobody") {
            (served) async throws in
            let own = try await served.script(Self.asUser("nobody", "ctx node id; cat $(ctx download-resource motd)"))
            #expect(own.status == 0 && own.output == "webwelcome\n", "\(own)")
            let target = try await served.script(Self.asUser("nobody", "ctx download-resource motd \(open)/taken"))
            #expect(target.status == 1 && target.complaint.contains("run as another user"), "\(target)")
            #expect(!manager.fileExists(atPath: open + "/taken"))
            let root = try await served.script("ctx node id")
            #expect(root.output == "web", "\(root)")

            // A third user, who knows even the token.
            let third = Self.asUser("daemon", "\(open)/ctx-program node id")
            let shutOut = try await served.script(third)
            #expect(shutOut.status == 1 && shutOut.complaint.contains("Permission denied"), "\(shutOut)")
            let folder = URL(filePath: served.socket).deletingLastPathComponent().path
            try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
            try manager.setAttributes([.posixPermissions: 0o666], ofItemAtPath: served.socket)
            let sentAway = try await served.script(third)
            #expect(sentAway.status == 1 && sentAway.complaint.contains("not yours"), "\(sentAway)")
        }
    }
}
