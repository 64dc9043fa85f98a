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

    /// Sends a datagram; waits at most a second for a receiver whose queue is full.
    func send(_ message: [UInt8]) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: path.dropFirst(isAbstract ? 1 : 0))
            unsafe room.copyBytes(from: name)
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.count)
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), pointer, length)
            }
        }
    }
}
