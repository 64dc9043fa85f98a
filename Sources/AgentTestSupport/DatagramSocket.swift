import Foundation

/// What systemd does: a Unix datagram socket that receives notifications.
public final class DatagramSocket: Sendable {
    private let descriptor: Int32
    /// The value for NOTIFY_SOCKET.
    public let address: String

    /// Binds a socket to a path in the temporary directory, or to a name in the abstract name space.
    public init(isAbstract: Bool) throws {
        let unique = "operative-notify-\(UUID().uuidString.prefix(8))"
        let path = isAbstract ? unique : "/tmp/" + unique
        address = isAbstract ? "@" + unique : path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { bytes in
            UnsafeMutableRawBufferPointer(rebasing: bytes.dropFirst(isAbstract ? 1 : 0)).copyBytes(
                from: Array(path.utf8))
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + path.utf8.count)
        let result = withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EINVAL) }
    }

    deinit {
        close(descriptor)
        if !address.hasPrefix("@") { unlink(address) }
    }

    /// The next datagram, or nil when there is none: a sender has delivered it before it returns.
    public func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    /// The next datagram, or nil when none comes within the time.
    public func receive(waitingUpTo milliseconds: Int32) -> String? {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, milliseconds) > 0 else { return nil }
        return receive()
    }
}
