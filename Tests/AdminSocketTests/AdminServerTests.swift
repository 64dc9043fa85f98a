import AgentTestSupport
import Foundation
import Operative
import Testing

@testable import AdminSocket

@Suite("Admin socket", .timeLimit(.minutes(3)))
struct AdminServerTests {
    let place: AdminPlace

    init() throws { place = try AdminPlace() }

    @Test("Requests are answered, several on one connection too, and errors keep their code")
    func conversation() throws {
        let server = try place.server()
        defer { server.stop() }
        try place.echo()
        let error = #expect(throws: AdminError.self) { try place.client.ask(AdminRequest("dance")) }
        #expect(error == AdminError(.unknownCommand, "what?"))

        let raw = try place.raw()
        let line = #"{"v":1,"command":"echo","arguments":{"n":1}}"# + "\n"
        raw.send(line + line)
        #expect(raw.readLine() == #"{"ok":true,"result":{"n":1},"v":1}"#)
        #expect(raw.readLine() == #"{"ok":true,"result":{"n":1},"v":1}"#)
    }

    @Test("The socket is for its owner alone, from its first moment, and gone after the end")
    func permissions() throws {
        let server = try place.server()
        let mode = try FileManager.default.attributesOfItem(atPath: place.socket)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        server.stop()
        #expect(!FileManager.default.fileExists(atPath: place.socket))
        let error = #expect(throws: AdminError.self) { try place.echo() }
        #expect(error?.code == .noAgent)
        #expect(error?.message.contains(place.path) == true)
    }

    @Test("A process of another user is told so, and nothing else")
    func otherUser() throws {
        let server = try place.server(isPermitted: { _ in false })
        defer { server.stop() }
        let error = #expect(throws: AdminError.self) { try place.echo() }
        #expect(error?.code == .notPermitted)
    }

    @Test("The owner of the agent and root are let in, nobody else")
    func owners() {
        #expect(AdminServer.isOwner(geteuid()) && AdminServer.isOwner(0))
        #expect(!AdminServer.isOwner(geteuid() + 1))
    }

    @Test("What a killed agent left behind is replaced; without a listener it counts as no agent")
    func stale() throws {
        // A socket that nobody listens on any more, as after SIGKILL.
        close(try UnixSocket.listen(in: place.path, name: AdminProtocol.socketName, backlog: 1))
        #expect(FileManager.default.fileExists(atPath: place.socket))
        let error = #expect(throws: AdminError.self) { try place.echo() }
        #expect(error?.code == .noAgent)
        let server = try place.server()
        defer { server.stop() }
        try place.echo()
    }

    @Test("A directory deeper than a socket's address has room for is reached all the same")
    func deepDirectory() throws {
        let deep = try AdminPlace(depth: 5)
        #expect(deep.socket.utf8.count > 108)
        let server = try deep.server()
        defer { server.stop() }
        try deep.echo()
    }

    @Test("A directory that cannot be written is reported, and nothing traps")
    func noDirectory() throws {
        let error = #expect(throws: AdminError.self) {
            try AdminServer(directory: place.path + "/nowhere") { _, answer in answer(.success(nil)) }
        }
        #expect(error?.code == .unavailable)
    }

    // MARK: Hostile clients

    @Test("A client that says nothing is dropped at its deadline, and others are served meanwhile")
    func silent() throws {
        let server = try place.server(limits: .init(request: .seconds(1)))
        defer { server.stop() }
        let silent = try place.raw()
        let half = try place.raw()
        half.send(#"{"v":1,"comm"#)
        try place.echo()
        #expect(silent.readToEnd() == "")
        #expect(half.readToEnd() == "")
    }

    @Test("A client that drips its request does not gain time by it")
    func dripping() throws {
        let server = try place.server(limits: .init(request: .seconds(1)))
        defer { server.stop() }
        let slow = try place.raw()
        let watch = Stopwatch()
        // Ends when the server has hung up.
        while (try? UnixSocket.send([UInt8(ascii: " ")], to: slow.descriptor)) != nil { usleep(5_000) }
        #expect(watch.stop() < .seconds(5))
        try place.echo()
    }

    @Test("A line without end is refused at the limit, and never held whole")
    func hugeLine() throws {
        let server = try place.server()
        defer { server.stop() }
        let raw = try place.raw()
        raw.send([UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20))
        let answer = raw.readToEnd()
        #expect(answer.contains("bad_request") && answer.contains("65536 bytes"))
        try place.echo()
    }

    @Test(
        "What is no request is answered with what is wrong",
        arguments: [
            ("hello\n", "bad_request"), ("\n", "bad_request"), ("[]\n", "version"), ("{}\n", "version"),
            (#"{"v":2,"command":"status"}"# + "\n", "version"), (#"{"v":1}"# + "\n", "bad_request"),
            (#"{"v":1,"command":7}"# + "\n", "bad_request"), ("\u{0}\u{1}\n", "bad_request"),
        ])
    func noRequest(_ text: String, _ code: String) throws {
        let server = try place.server()
        defer { server.stop() }
        let raw = try place.raw()
        raw.send(text)
        let answer = raw.readLine()
        #expect(answer.contains(#""code":"\#(code)""#), "\(answer)")
        // The conversation goes on.
        raw.send(#"{"v":1,"command":"echo"}"# + "\n")
        #expect(raw.readLine().contains(#""ok":true"#))
    }

    @Test("Nesting without end is refused and exhausts no stack")
    func nesting() throws {
        let server = try place.server()
        defer { server.stop() }
        let raw = try place.raw()
        raw.send(String(repeating: "[", count: 60_000) + "\n")
        #expect(raw.readLine().contains("bad_request"))
        try place.echo()
    }

    @Test("With too many clients the one that has been silent longest makes way")
    func manyClients() throws {
        let server = try place.server(clientLimit: 4)
        defer { server.stop() }
        let crowd = try (0..<40).map { _ in try place.raw() }
        try place.echo()
        #expect(crowd[0].readToEnd() == "", "the first one was dropped")
    }

    @Test("When all of them wait for an answer, a further one is refused")
    func allBusy() throws {
        let held = HeldAnswers()
        let server = try place.server(clientLimit: 2, held: held)
        defer { server.stop() }
        let busy = try (0..<2).map { _ in try place.raw() }
        for client in busy {
            client.send(#"{"v":1,"command":"hold"}"# + "\n")
            held.arrived.wait()
        }
        let error = #expect(throws: AdminError.self) { try place.echo() }
        #expect(error?.code == .busy)
        held.release()
        for client in busy { #expect(client.readLine().contains("held")) }
        try place.echo()
    }

    @Test("A client that does not read its answer is dropped, and holds nobody up")
    func slowReader() throws {
        let server = try place.server(limits: .init(writing: .seconds(2)))
        defer { server.stop() }
        let lazy = try place.raw()
        lazy.send(#"{"v":1,"command":"big","arguments":{"size":4000000}}"# + "\n")
        try place.echo()
        lazy.waitForEnd()
        // What fitted into the socket is there, the end of the line is not.
        let text = lazy.readToEnd()
        #expect(text.utf8.count < 4_000_000)
        // One that reads gets it all.
        let big = try place.client.ask(AdminRequest("big", ["size": 4_000_000]))
        #expect(big.stringValue?.utf8.count == 4_000_000)
    }

    @Test("A client that goes away while its request is served harms nobody")
    func goneWhileServed() throws {
        let held = HeldAnswers()
        let server = try place.server(held: held)
        defer { server.stop() }
        do {
            let client = try place.raw()
            client.send(#"{"v":1,"command":"hold"}"# + "\n")
            held.arrived.wait()
        }
        held.release()
        try place.echo()
    }

    @Test("A request that the agent does not get round to is answered as such")
    func neverServed() throws {
        let server = try place.server(limits: .init(serving: .milliseconds(50)))
        defer { server.stop() }
        let error = #expect(throws: AdminError.self) { try place.client.ask(AdminRequest("hold")) }
        #expect(error?.code == .busy)
    }

    @Test("An answer that is ready when the server stops still goes out")
    func lastAnswer() throws {
        let held = HeldAnswers()
        let server = try place.server(held: held)
        let client = try place.raw()
        client.send(#"{"v":1,"command":"hold"}"# + "\n")
        held.arrived.wait()
        held.release()
        server.stop()
        #expect(client.readToEnd().contains("held"))
    }

    @Test("Stopping ends the conversations")
    func stopping() throws {
        let held = HeldAnswers()
        let server = try place.server(held: held)
        let client = try place.raw()
        client.send(#"{"v":1,"command":"hold"}"# + "\n")
        held.arrived.wait()
        server.stop()
        #expect(client.readToEnd() == "")
    }
}
