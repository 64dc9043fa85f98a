import Foundation
import Operative
import Synchronization
import Testing

@testable import AdminSocket

/// A directory for one server; removed with the last reference.
final class AdminPlace: Sendable {
    let path: String

    init(depth: Int = 0) throws {
        let root = NSTemporaryDirectory() + "/operative-admin-\(UUID().uuidString.prefix(8))"
        path = root + String(repeating: "/a-rather-long-name-for-a-directory", count: depth)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var socket: String { "\(path)/\(AdminProtocol.socketName)" }

    /// A server that answers `echo` with its arguments, `hold` when the test says so, and `big` with as many bytes as wanted.
    func server(
        limits: AdminSession.Limits = AdminSession.Limits(), clientLimit: Int = 16, held: HeldAnswers = HeldAnswers(),
        isPermitted: @escaping @Sendable (UInt32) -> Bool = AdminServer.isOwner
    ) throws -> AdminServer {
        try AdminServer(directory: path, limits: limits, clientLimit: clientLimit, isPermitted: isPermitted) {
            request, answer in
            switch request.command {
            case "echo": answer(.success(.object(request.arguments)))
            case "hold": held.keep(answer)
            case "big":
                let size = request.arguments["size"]?.intValue ?? 0
                answer(.success(.string(String(repeating: "x", count: size))))
            default: answer(.failure(AdminError(.unknownCommand, "what?")))
            }
        }
    }

    var client: AdminClient { AdminClient(directory: path, patience: .seconds(60)) }

    func echo() throws { try #require(client.ask(AdminRequest("echo", ["a": 1])) == ["a": 1]) }

    /// A client that behaves as the test likes.
    func raw() throws -> RawClient {
        RawClient(try UnixSocket.connect(in: path, name: AdminProtocol.socketName, patience: .seconds(60)))
    }
}

/// Answers that are given when the test says so.
final class HeldAnswers: Sendable {
    private let answers = Mutex<[@Sendable (AdminAnswer) -> Void]>([])
    let arrived = DispatchSemaphore(value: 0)

    func keep(_ answer: @escaping @Sendable (AdminAnswer) -> Void) {
        answers.withLock { $0.append(answer) }
        arrived.signal()
    }

    func release() {
        for answer in answers.withLock({ $0 }) { answer(.success("held")) }
    }
}

final class RawClient: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Stops at the first error, as the server may have hung up.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, let count = try? UnixSocket.send(rest, to: descriptor) { rest = rest.dropFirst(count) }
    }

    /// Everything up to the server's end of the connection.
    func readToEnd() -> String {
        var result: [UInt8] = []
        while let bytes = try? UnixSocket.receive(from: descriptor, limit: 65_536), !bytes.isEmpty { result += bytes }
        return String(decoding: result, as: UTF8.self)
    }

    /// Blocks until the server has hung up, and reads nothing.
    func waitForEnd() {
        var set = pollfd(fd: descriptor, events: 0, revents: 0)
        _ = poll(&set, 1, 20_000)
    }

    /// One answer.
    func readLine() -> String {
        var result: [UInt8] = []
        while let bytes = try? UnixSocket.receive(from: descriptor, limit: 1), let byte = bytes.first {
            if byte == UInt8(ascii: "\n") { break }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
