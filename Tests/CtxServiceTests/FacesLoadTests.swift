import AgentTestSupport
import CtxProtocol
import Foundation
import Operative
import OperativeTestKit
import Testing

@testable import CtxService

/// What clients of ctx cannot make the agent do. What is measured of a whole process has one of its own.
@Suite("Load on an operation's ctx", .timeLimit(.minutes(3)))
struct FacesLoadTests {
    private let environment = OperationEnvironment(
        node: "web", properties: ["long": .string(String(repeating: "x", count: 300_000))])

    private static func request(_ served: Served, _ body: [UInt8]) -> [UInt8] {
        CtxFrame.request(token: served.token, body: body)
    }

    private static func post(_ served: Served, _ body: [UInt8], headers: String = "") -> [UInt8] {
        Array(
            "POST \(served.secretPath) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.count)\r\n\(headers)\r\n".utf8)
            + body
    }

    private static func body(_ length: Int) -> [UInt8] {
        Array(#"{"args": ["node", "id"], "else": "\#(String(repeating: "x", count: length))"}"#.utf8)
    }

    /// Sends, and receives until the other side ends.
    private static func exchange(_ wire: Wire, _ bytes: [UInt8]) async throws -> String {
        let answer = try await blocking {
            wire.send(bytes)
            return wire.rest()
        }
        return String(decoding: try #require(answer, "the connection stayed open"), as: UTF8.self)
    }

    @Test(
        "Requests that together take too much are refused with the reason, small ones never; then there is room again")
    func together() async throws {
        try await serving(environment.context(), requestMemory: 1 << 20) { (served) async throws in
            let large = Self.body(700_000)
            let held = try Wire(socket: served.socket)
            held.send(Array(Self.request(served, large).dropLast(10)))
            let refused = try await refusal(served, large)
            #expect(refused.0.contains("takes 700") && refused.0.contains("one operation at one time may take 1048576"))
            #expect(refused.1.hasPrefix("HTTP/1.0 503 the request takes 700"), "\(refused.1)")
            // A program is told over HTTP in the status line, which is what Cloudify's client shows.
            let words =
                "x=$(head -c 100000 /dev/zero | tr '\\0' x); ctx --socket-url $CTX_SOCKET_URL node id $x $x $x $x $x"
            let program = try await served.script(words)
            #expect(program.status == 1 && program.complaint.contains("503 the request takes 500"), "\(program)")
            #expect(try await served.ask("node", "id")["payload"] == "web")
            // Chunks announce nothing, and are counted as they come.
            let chunked = Array("POST \(served.secretPath) HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            let chunk = Array("20000\r\n".utf8) + [UInt8](repeating: 0x78, count: 0x20000) + Array("\r\n".utf8)
            let parts = chunked + (0..<5).flatMap { _ in chunk }
            #expect(try await Self.exchange(try Wire(port: served.port), parts).hasPrefix("HTTP/1.0 503 "))

            held.send(Array(Self.request(served, large).suffix(10)))
            let whole = try await blocking { held.rest() }
            #expect(whole.map { String(decoding: $0, as: UTF8.self) }?.hasSuffix(#""payload": "web"}"#) == true)
            let taken = try await Self.exchange(try Wire(port: served.port), Self.post(served, large))
            #expect(taken.hasSuffix(#""payload": "web"}"#), "\(taken)")
            // A client that goes away before its request is whole gives its room back.
            do {
                let gone = try Wire(socket: served.socket)
                gone.send(Array(Self.request(served, large).dropLast(10)))
            }
            try await until("there is room again") {
                try await refusal(served, large).0.hasSuffix(#""payload": "web"}"#)
            }
        }
    }

    /// What becomes of a request over the socket and over HTTP.
    private func refusal(_ served: Served, _ body: [UInt8]) async throws -> (String, String) {
        (
            try await Self.exchange(try Wire(socket: served.socket), Self.request(served, body)),
            try await Self.exchange(try Wire(port: served.port), Self.post(served, body))
        )
    }

    private func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !isSo() {
            try #require(ContinuousClock.now < deadline, "not after a minute: \(what)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("A request whose values take more than its bytes is refused before it is read, an answer before it is sent")
    func content() async throws {
        try await serving(environment.context(), requestMemory: 256 << 10) { (served) async throws in
            let many = Array((#"{"args": ["node", ["# + String(repeating: "[[]],", count: 20_000) + "1]]}").utf8)
            let refused = try await refusal(served, many)
            for answer in [refused.0, refused.1] {
                #expect(answer.contains("the content of the request takes"), "\(answer)")
                #expect(answer.contains("it is too large"), "\(answer)")
            }
            let answer = try await served.ask("node", "properties", "long")
            #expect(answer["type"] == "error")
            #expect(answer["payload"]?["message"]?.stringValue?.hasPrefix("the answer takes 300") == true, "\(answer)")
            #expect(try await served.ask("node", "id")["payload"] == "web")
        }
    }

    @Test("A client that does not take its answer is cut off, and its answer forgotten")
    func untaken() async throws {
        let large = OperationEnvironment(
            node: "web", properties: ["large": .string(String(repeating: "x", count: 12 << 20))])
        try await serving(large.context(), patience: .milliseconds(300), requestMemory: 16 << 20) {
            (served) async throws in
            let wire = try Wire(port: served.port)
            wire.send(Self.post(served, Array(#"{"args": ["node", "properties", "large"]}"#.utf8)))
            // There is room for a second one only when the first is gone.
            try await until("the answer is forgotten") {
                try await served.ask("node", "properties", "large")["type"] == "result"
            }
            withExtendedLifetime(wire) {}
        }
    }

    @Test("Heads without end are refused, whoever sends them")
    func heads() async throws {
        try await serving(environment.context()) { (served) async throws in
            let long = String(repeating: "a", count: 100_000)
            let fields = (0..<100).map { "X-\($0): \(String(repeating: "b", count: 2000))\r\n" }.joined()
            for head in [
                "POST \(served.secretPath) HTTP/1.1\r\nX: \(long)\r\n\r\n", "POST /\(long) HTTP/1.1\r\n\r\n",
                "POST \(served.secretPath) HTTP/1.1\r\n\(fields)\r\n", "\(long)",
                "POST \(served.secretPath) HTTP/1.1\r\n\(String(repeating: "A: b\r\n", count: 1000))\r\n",
            ] {
                let answer = try await Self.exchange(try Wire(port: served.port), Array(head.utf8))
                #expect(answer.hasPrefix("HTTP/1.0 400 "), "\(answer)")
            }
            let accepted = Self.post(
                served, Array(#"{"args": ["node", "id"]}"#.utf8), headers: "X: \(long.prefix(30_000))\r\n")
            #expect(try await Self.exchange(try Wire(port: served.port), accepted).hasSuffix(#""payload": "web"}"#))
        }
    }

    @Test("Only the first request of a connection is answered")
    func pipelined() async throws {
        try await serving(environment.context()) { (served) async throws in
            let question = Array(#"{"args": ["logger", "info", "once"]}"#.utf8)
            for (wire, bytes) in [
                (try Wire(port: served.port), Self.post(served, question)),
                (try Wire(socket: served.socket), Self.request(served, question)),
            ] {
                let answer = try await Self.exchange(wire, bytes + bytes + bytes)
                #expect(answer.components(separatedBy: "payload").count == 2, "\(answer)")
            }
        }
        #expect(environment.logs.count { $0.message == "once" } == 2)
    }

    @Test("A connection that was open when the operation ended is closed, and what it then sends is not answered")
    func afterTheEnd() async throws {
        let body = Array(#"{"args": ["logger", "info", "late"]}"#.utf8)
        let wires = try await serving(environment.context()) { (served) async throws in
            let wires = [
                (try Wire(port: served.port), Self.post(served, body)),
                (try Wire(socket: served.socket), Self.request(served, body)),
            ]
            // Connections are taken in order, so those are taken.
            #expect(try await served.ask("node", "id")["payload"] == "web")
            #expect(try await Self.exchange(try Wire(port: served.port), Array("nonsense\r\n\r\n".utf8)) != "")
            return wires
        }
        for (wire, bytes) in wires { #expect(try await Self.exchange(wire, bytes) == "") }
        #expect(!environment.logs.contains { $0.message == "late" })
    }

    @Test("Nobody keeps the operation out with forty idle connections for each face, ten times what is served at once")
    func crowd() async throws {
        try await serving(
            environment.context(), patience: .seconds(600), moment: .milliseconds(50), maximumClients: 4
        ) { (served) async throws in
            let idle = try (0..<40).map { _ in (try Wire(port: served.port), try Wire(socket: served.socket)) }
            let question = Array(#"{"args": ["node", "id"]}"#.utf8)
            #expect(
                try await Self.exchange(try Wire(port: served.port), Self.post(served, question))
                    .hasSuffix(#""payload": "web"}"#))
            #expect(try await served.ask("node", "id")["payload"] == "web")
            withExtendedLifetime(idle) {}
        }
    }

    @Test(
        "A flood of large requests over all connections takes no more memory than it may, and leaves no descriptor",
        .ownProcess)
    func flood() async throws {
        let environment = OperationEnvironment(node: "web")
        let context = environment.context()
        try await serving(context) { _ in }
        let (descriptors, resident) = (OwnProcess.openDescriptors.count, OwnProcess.residentBytes)
        OwnProcess.forgetPeak()
        let refused = try await serving(context, requestMemory: 32 << 20) { (served) async throws in
            // What takes most when it is read.
            let text = #"{"args": [["# + String(repeating: #"{"a":1},"#, count: 100_000) + "1]]}"
            let body = Array(text.utf8)
            let requests = [Self.request(served, body), Self.post(served, body)]
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<150 {
                    if number >= 100 { _ = try await group.next() }
                    group.addTask {
                        let isHTTP = number.isMultiple(of: 2)
                        let wire = try isHTTP ? Wire(port: served.port) : Wire(socket: served.socket)
                        return try await Self.exchange(wire, requests[isHTTP ? 1 : 0]).contains("try again")
                    }
                }
                let isAnswered = try await served.ask("node", "id")["payload"] == "web"
                #expect(isAnswered)
                var refused = 0
                for try await isRefused in group where isRefused { refused += 1 }
                return refused
            }
        }
        let grown = OwnProcess.peakResidentBytes - resident
        print("150 requests: at most \(grown >> 20) MiB more, \(refused) refused")
        #expect(grown < 96 << 20, "\(grown >> 20) MiB")
        #expect(refused > 0)
        #expect(RequestMemory.ofAgent.size == 0)
        let areClosed = await OwnProcess.comes { OwnProcess.openDescriptors.count <= descriptors }
        #expect(areClosed, "\(OwnProcess.openDescriptors.count) instead of \(descriptors)")
    }

    @Test(
        "No session leaves a descriptor or memory behind, over the socket, over HTTP, refused, cut off or whole",
        .ownProcess)
    func descriptors() async throws {
        let context = OperationEnvironment(node: "web").context()
        let question = Array(#"{"args": ["node", "id"]}"#.utf8)
        @Sendable func session() async throws {
            try await serving(context, patience: .seconds(60)) { (served) async throws in
                let good = try await served.ask("node", "id")["payload"] == "web"
                #expect(good)
                let over = try await Self.exchange(try Wire(port: served.port), Self.post(served, question))
                #expect(over.hasSuffix(#""payload": "web"}"#))
                _ = try await Self.exchange(try Wire(port: served.port), Array("POST / HTTP/1.1\r\n\r\n".utf8))
                _ = try await Self.exchange(try Wire(socket: served.socket), Array("nonsense\n".utf8))
                // Left half-way: by the client, and by the end of the operation.
                do { _ = try Wire(port: served.port).send(Array("POST ".utf8)) }
                try Wire(socket: served.socket).send(Array("ctx 1".utf8))
            }
        }
        for _ in 0..<20 { try await session() }
        let (descriptors, resident) = (OwnProcess.openDescriptors.count, OwnProcess.residentBytes)
        for _ in 0..<300 { try await session() }
        let areClosed = await OwnProcess.comes { OwnProcess.openDescriptors.count <= descriptors }
        #expect(areClosed, "\(OwnProcess.openDescriptors.count) instead of \(descriptors)")
        #expect(OwnProcess.residentBytes - resident < 8 << 20)
    }
}
