internal import Glibc

/// A connected socket. What is sent and received waits so long at most.
struct Stream: ~Copyable {
    private let descriptor: Int32
    private let seconds: Int

    private init(descriptor: Int32, seconds: Int) {
        self.descriptor = descriptor
        self.seconds = seconds
    }

    deinit { close(descriptor) }

    // MARK: Connecting

    /// Connects to a Unix socket.
    static func connect(path: String, seconds: Int) throws(SystemError) -> Stream {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard !path.isEmpty, path.utf8.count <= room else {
            throw SystemError(
                "the path of the operation's socket has \(path.utf8.count) bytes, and at most \(room) are possible")
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let stream = try make(AF_UNIX, seconds)
        let result = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(stream.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            if errno == ENOENT || errno == ECONNREFUSED {
                throw SystemError("the operation that this process belongs to has ended: nobody answers at its socket")
            }
            throw SystemError.current("the operation's socket cannot be reached")
        }
        return stream
    }

    /// Connects to a host's port over TCP, trying one address after the other.
    static func connect(host: String, port: String, seconds: Int) throws(SystemError) -> Stream {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, port, &hints, &found)
        guard code == 0 else { throw unsafe SystemError("\(host): \(String(cString: gai_strerror(code)))") }
        defer { unsafe freeaddrinfo(found) }
        var failure = SystemError("\(host) has no address")
        var next = unsafe found
        while let candidate = unsafe next?.pointee {
            unsafe next = candidate.ai_next
            let stream = unsafe try make(candidate.ai_family, seconds)
            if unsafe Glibc.connect(stream.descriptor, candidate.ai_addr, candidate.ai_addrlen) == 0 { return stream }
            failure = .current("\(host):\(port) cannot be reached")
        }
        throw failure
    }

    private static func make(_ family: Int32, _ seconds: Int) throws(SystemError) -> Stream {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .current("no socket can be made") }
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        return Stream(descriptor: descriptor, seconds: seconds)
    }

    // MARK: Talking

    /// Sends everything.
    func send(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE || errno == ECONNRESET {
                // The answer that says why may be there already.
                return
            } else if errno != EINTR {
                throw failure("the request could not be sent")
            }
        }
    }

    /// Receives until the other side has ended, or `isComplete` says so.
    func receive(until isComplete: ([UInt8]) -> Bool = { _ in false }) throws(SystemError) -> [UInt8] {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while !isComplete(all) {
            let count = unsafe recv(descriptor, &part, part.count, 0)
            if count > 0 {
                all += part[..<count]
            } else if count == 0 || errno == ECONNRESET {
                return all
            } else if errno != EINTR {
                throw failure("the answer did not come")
            }
        }
        return all
    }

    private func failure(_ what: String) -> SystemError {
        if errno == EAGAIN || errno == EWOULDBLOCK {
            return SystemError("\(what) within \(seconds) s (more with -t)")
        }
        return .current(what)
    }
}
