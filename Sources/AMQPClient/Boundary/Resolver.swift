internal import CRabbitMQ
internal import Glibc

/// Turns a host name into numeric addresses. Blocks for as long as the system's resolver likes: call it on a thread that may be
/// left behind.
enum Resolver {
    /// Whether the text is an IPv4 or IPv6 address.
    static func isAddress(_ host: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return unsafe inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }

    /// The addresses of a host, in the order in which the system prefers them.
    static func addresses(of host: String) throws(AMQPError) -> [String] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else {
            let reason = unsafe String(cString: gai_strerror(status))
            throw AMQPError(.unreachable, "the host name '\(host)' cannot be resolved: \(reason)")
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [String] = []
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ai_next
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let status = unsafe text.withUnsafeMutableBufferPointer { buffer in
                unsafe getnameinfo(
                    entry.pointee.ai_addr, entry.pointee.ai_addrlen, buffer.baseAddress, socklen_t(buffer.count), nil,
                    0,
                    NI_NUMERICHOST)
            }
            guard status == 0 else { continue }
            let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if !addresses.contains(address) { addresses.append(address) }
        }
        guard !addresses.isEmpty else { throw AMQPError(.unreachable, "the host name '\(host)' has no address") }
        return addresses
    }

    /// Why a TCP connection cannot be made, in the system's words; nil when it does not fail within a moment.
    ///
    /// librabbitmq says only that it failed. "Connection refused" and "No route to host" send people to different places, so
    /// the question is asked once more.
    static func connectFailure(address: String, port: Int) -> String? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(address, String(port), &hints, &list) == 0, let target = unsafe list else {
            return nil
        }
        defer { unsafe freeaddrinfo(list) }
        let descriptor = unsafe socket(
            target.pointee.ai_family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var code: CInt = 0
        if unsafe connect(descriptor, target.pointee.ai_addr, target.pointee.ai_addrlen) != 0 {
            code = errno
            if code == EINPROGRESS {
                var event = pollfd(fd: descriptor, events: CShort(POLLOUT), revents: 0)
                guard unsafe poll(&event, 1, 200) == 1 else { return nil }
                var length = socklen_t(MemoryLayout<CInt>.size)
                _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
            }
        }
        return code == 0 ? nil : unsafe String(cString: strerror(code))
    }
}
