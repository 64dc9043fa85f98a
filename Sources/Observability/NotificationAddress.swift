import Glibc

/// The address of a Unix datagram socket, in the file system or in Linux's abstract name space.
struct NotificationAddress: Sendable {
    private let name: [UInt8]
    private let isAbstract: Bool

    /// - Parameter text: An absolute path, or a name after `@` for the abstract name space.
    /// - Returns: nil when it is neither or does not fit.
    init?(_ text: String) {
        isAbstract = text.hasPrefix("@")
        guard isAbstract || text.hasPrefix("/") else { return nil }
        name = Array(text.utf8.dropFirst(isAbstract ? 1 : 0))
        // One byte is needed for the NUL that begins abstract names and ends paths.
        guard !name.isEmpty, name.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { return nil }
    }

    /// Hands a datagram to the receiver, without ever waiting for it.
    ///
    /// - Returns: false when it may be taken later: the receiver's queue is full, or nobody listens there for now.
    func send(_ message: [UInt8]) -> Bool {
        let kind = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(kind), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: path.dropFirst(isAbstract ? 1 : 0))
            unsafe room.copyBytes(from: name)
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.count)
        let sent = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), pointer, length)
            }
        }
        // A message that is too long for its way will never be taken, and must not hold up those behind it.
        return sent >= 0 || errno == EMSGSIZE
    }
}
