internal import CAgentShims
internal import Glibc

/// The system calls around a Unix stream socket. Descriptors are closed on exec.
enum UnixSocket {
    /// Who is at the other end.
    static func peerUser(of descriptor: Int32) -> uid_t? {
        uid_t(exactly: agent_peer_user(descriptor))
    }

    /// Binds and listens. A file that is there already is replaced: the caller holds the lock of the directory, so nobody listens on it.
    ///
    /// - Throws: `errno`.
    static func listen(in directory: String, name: String, backlog: Int32) throws(Errno) -> Int32 {
        let descriptor = try make(nonBlocking: true)
        do throws(Errno) {
            // The socket's file gets the mode of the socket: it is closed to others from its first moment.
            guard fchmod(descriptor, 0o600) == 0 else { throw Errno.current }
            guard unsafe unlink("\(directory)/\(name)") == 0 || errno == ENOENT else { throw Errno.current }
            try unsafe withAddress(of: name, in: directory) { address, length in
                unsafe bind(descriptor, address, length)
            }
            guard unsafe chmod("\(directory)/\(name)", 0o600) == 0 else { throw Errno.current }
            guard Glibc.listen(descriptor, backlog) == 0 else { throw Errno.current }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Connects. What is read and written waits at most `patience`.
    static func connect(in directory: String, name: String, patience: Duration) throws(Errno) -> Int32 {
        let descriptor = try make(nonBlocking: false)
        do throws(Errno) {
            let (seconds, attoseconds) = patience.components
            var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
            for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
                unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
            }
            try unsafe withAddress(of: name, in: directory) { address, length in
                unsafe Glibc.connect(descriptor, address, length)
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    static func accept(from listener: Int32) throws(Errno) -> Int32 {
        let descriptor = agent_accept(listener)
        guard descriptor >= 0 else { throw Errno.current }
        return descriptor
    }

    /// - Returns: at most `limit` bytes; none at the end of the stream.
    static func receive(from descriptor: Int32, limit: Int) throws(Errno) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = unsafe recv(descriptor, &buffer, limit, 0)
        guard count >= 0 else { throw Errno.current }
        buffer.removeSubrange(count...)
        return buffer
    }

    /// - Returns: how much went out.
    static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(Errno) -> Int {
        let count = unsafe bytes.withUnsafeBytes { bytes in
            unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        guard count >= 0 else { throw Errno.current }
        return count
    }

    private static func make(nonBlocking: Bool) throws(Errno) -> Int32 {
        let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | (nonBlocking ? SOCK_NONBLOCK.rawValue : 0)
        let descriptor = socket(AF_UNIX, Int32(flags), 0)
        guard descriptor >= 0 else { throw Errno.current }
        return descriptor
    }

    /// An address has room for 107 bytes and a state directory may be deeper: the way leads through a descriptor of the directory.
    private static func withAddress(
        of name: String, in directory: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(Errno) {
        let folder = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Errno.current }
        defer { close(folder) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let direct = Array("\(directory)/\(name)".utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        let path = direct.count <= room ? direct : Array("/proc/self/fd/\(folder)/\(name)".utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
        }
        guard result == 0 else { throw Errno.current }
    }
}
