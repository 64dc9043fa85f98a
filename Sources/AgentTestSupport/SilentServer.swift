import Foundation
import Glibc
import Synchronization

/// A peer that accepts connections and then says nothing more, for as long as it lives.
public final class SilentServer: Sendable {
    /// How far it goes before it falls silent.
    public enum Silence: Sendable {
        /// The TCP connection is accepted.
        case afterAccept
        /// The AMQP handshake has begun: Connection.Start is sent.
        case afterConnectionStart
        /// Something that is not AMQP is sent.
        case afterNonsense
    }

    /// The port on 127.0.0.1.
    public let port: Int
    private let listener: CInt
    private let accepted = Mutex<[CInt]>([])
    private let hasConnection: AsyncStream<Void>
    private let noteConnection: AsyncStream<Void>.Continuation

    /// Starts to listen.
    public init(_ silence: Silence) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard status else { throw Command.Failure(description: "cannot listen on loopback: errno \(errno)") }
        (hasConnection, noteConnection) = AsyncStream.makeStream()
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        let thread = Foundation.Thread { [self] in serve(silence) }
        thread.start()
    }

    /// Ends the listening and every connection.
    public func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        for socket in accepted.withLock({ $0 }) { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// Waits until the first connection was accepted, and spoken to as far as that goes. To be called once.
    public func connected() async {
        for await _ in hasConnection { return }
    }

    /// How many connections were accepted.
    public var connectionCount: Int { accepted.withLock { $0.count } }

    private func serve(_ silence: Silence) {
        while true {
            let socket = accept(listener, nil, nil)
            guard socket >= 0 else { break }
            accepted.withLock { $0.append(socket) }
            switch silence {
            case .afterAccept: break
            case .afterConnectionStart: say(Self.connectionStart, socket)
            case .afterNonsense: say(Array("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n".utf8), socket)
            }
            noteConnection.finish()
        }
        for socket in accepted.withLock({ $0 }) { Glibc.close(socket) }
        Glibc.close(listener)
    }

    private func say(_ bytes: [UInt8], _ socket: CInt) {
        var header = [UInt8](repeating: 0, count: 8)
        _ = recv(socket, &header, header.count, Int32(MSG_WAITALL))
        _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// A Connection.Start frame (AMQP 0-9-1): version 0-9, no server properties, PLAIN, en_US.
    private static var connectionStart: [UInt8] {
        var payload: [UInt8] = [0, 10, 0, 10, 0, 9, 0, 0, 0, 0]
        for text in ["PLAIN", "en_US"] {
            payload += [0, 0, 0, UInt8(text.utf8.count)]
            payload += Array(text.utf8)
        }
        return [1, 0, 0, 0, 0, 0, UInt8(payload.count)] + payload + [0xCE]
    }
}
