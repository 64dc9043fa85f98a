internal import CRabbitMQ
internal import Glibc

/// The C library's connection, owned exactly once.
///
/// The library connects, encrypts, logs in and tunes. After that nothing here may block, and the library's sending functions
/// can (for ever, under flow control), so bytes go through ``receive(into:)`` and ``send(_:)`` on its non-blocking socket.
@safe
struct ConnectionHandle: ~Copyable, @unchecked Sendable {
    private let state: OpaquePointer
    /// Keeps alive what the TLS callbacks point to.
    private let tls: TLSVerification?

    private init(_ state: OpaquePointer, _ tls: TLSVerification?) {
        unsafe self.state = state
        self.tls = tls
    }

    /// A connection with a socket that is not open yet.
    static func make(tls: TLSVerification?) throws(AMQPError) -> ConnectionHandle {
        guard let state = unsafe amqp_new_connection() else { throw AMQPError(.unreachable, "out of memory") }
        let handle = unsafe ConnectionHandle(state, tls)
        let socket = unsafe tls == nil ? amqp_tcp_socket_new(state) : amqp_ssl_socket_new(state)
        guard let socket = unsafe socket else { throw AMQPError(.unreachable, "a socket cannot be created") }
        try unsafe tls?.prepare(socket)
        return handle
    }

    deinit {
        // Also closes the socket. A goodbye that does not fit into the socket's buffer is not waited for.
        _ = unsafe amqp_destroy_connection(state)
    }

    var descriptor: CInt { unsafe amqp_get_sockfd(state) }

    /// The largest frame that was negotiated, with its envelope.
    var frameMax: Int { Int(unsafe amqp_get_frame_max(state)) }
    /// The highest channel number.
    var channelMax: Int { Int(unsafe amqp_get_channel_max(state)) }
    /// The negotiated heartbeat in seconds, 0 for none.
    var heartbeat: Int { Int(unsafe amqp_get_heartbeat(state)) }

    // MARK: Blocking, with deadlines

    /// Connects to a numeric address; with TLS, also shakes hands.
    func open(address: String, port: Int, within limit: Duration, endpoint: AMQPEndpoint) throws(AMQPError) {
        var timeout = timeval(limit)
        ERR_clear_error()
        let status = unsafe amqp_socket_open_noblock(amqp_get_socket(state), address, CInt(port), &timeout)
        if status == AMQP_STATUS_OK.rawValue { return }
        if let refusal = tls?.failure() { throw refusal }
        let whereTo = endpoint.host == address ? "\(endpoint)" : "\(endpoint) (\(address))"
        if status == AMQP_STATUS_TIMEOUT.rawValue {
            let step = tls?.hasStarted == true ? "the TLS handshake" : "the TCP connection"
            throw AMQPError(.timedOut, "\(whereTo) did not answer \(step) within the connect timeout")
        }
        if let tls, tls.hasStarted {
            let detail = TLSVerification.queuedReason()
            let hint = detail == "wrong version number" ? "; does this port speak TLS?" : ""
            throw AMQPError(.tlsRefused, "the TLS handshake with \(whereTo) failed: \(detail)\(hint)")
        }
        let detail =
            Resolver.connectFailure(address: address, port: port) ?? "the connection was refused or there is no route"
        throw AMQPError(.unreachable, "cannot connect to \(whereTo): \(detail)")
    }

    /// Sets what a long-lived connection needs of TCP.
    func tuneSocket(userTimeout: Duration) {
        setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
        setOption(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        limitUnacknowledged(to: userTimeout)
        _ = crmq_set_nonblocking(descriptor)
    }

    /// How long sent data may stay unacknowledged by the peer's kernel; nil for as long as it takes.
    func limitUnacknowledged(to limit: Duration?) {
        let milliseconds = limit.map { MonotonicTime.Interval($0).nanoseconds / 1_000_000 } ?? 0
        setOption(CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, CInt(clamping: milliseconds))
    }

    private func setOption(_ level: CInt, _ option: CInt, _ value: CInt) {
        var value = value
        _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Logs in and opens the virtual host.
    func login(_ configuration: AMQPConfiguration, endpoint: AMQPEndpoint) throws(AMQPError) {
        var timeout = timeval(configuration.loginTimeout)
        _ = unsafe amqp_set_handshake_timeout(state, &timeout)
        _ = unsafe amqp_set_rpc_timeout(state, &timeout)
        ERR_clear_error()
        let arena = EncodingArena()
        var properties = unsafe arena.table(Self.clientProperties(configuration))
        let reply = unsafe crmq_login_plain(
            state, configuration.virtualHost, 2047, CInt(configuration.frameMax), CInt(configuration.heartbeatSeconds),
            &properties, configuration.username, configuration.password)
        guard unsafe reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
        throw unsafe loginError(reply, configuration, endpoint)
    }

    private static func clientProperties(_ configuration: AMQPConfiguration) -> [String: AMQPFieldValue] {
        let capabilities = [
            "publisher_confirms", "basic.nack", "consumer_cancel_notify", "connection.blocked",
            "authentication_failure_close", "exchange_exchange_bindings",
        ]
        var properties: [String: AMQPFieldValue] = [
            "capabilities": .table(Dictionary(uniqueKeysWithValues: capabilities.map { ($0, .bool(true)) }))
        ]
        if let name = configuration.connectionName { properties["connection_name"] = .string(name) }
        return properties
    }

    private func loginError(
        _ reply: amqp_rpc_reply_t, _ configuration: AMQPConfiguration, _ endpoint: AMQPEndpoint
    ) -> AMQPError {
        if unsafe reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION,
            unsafe reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD, let decoded = unsafe reply.reply.decoded
        {
            let close = unsafe decoded.load(as: amqp_connection_close_t.self)
            let (code, text) = unsafe (close.reply_code, String(close.reply_text))
            switch code {
            case 403:
                let message = "\(endpoint) refused user '\(configuration.username)': \(text)"
                return AMQPError(.authenticationRefused, message, replyCode: code)
            case 402, 530:
                let message = "\(endpoint) refused virtual host '\(configuration.virtualHost)': \(text)"
                return AMQPError(.authenticationRefused, message, replyCode: code)
            default:
                return .connection(replyCode: code, text: text)
            }
        }
        if let refusal = tls?.failure() ?? peekForAlert() { return refusal }
        let status = unsafe reply.library_error
        switch status {
        case AMQP_STATUS_TIMEOUT.rawValue:
            return AMQPError(.timedOut, "\(endpoint) did not finish the AMQP login within the login timeout")
        case AMQP_STATUS_BAD_AMQP_DATA.rawValue, AMQP_STATUS_UNKNOWN_CLASS.rawValue,
            AMQP_STATUS_UNKNOWN_METHOD.rawValue,
            AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION.rawValue, AMQP_STATUS_WRONG_METHOD.rawValue:
            return AMQPError(.protocolViolation, "\(endpoint) does not speak AMQP 0-9-1")
        default:
            let reason = unsafe String(cString: amqp_error_string2(status))
            return AMQPError(.connectionLost, "\(endpoint) ended the connection during the login: \(reason)")
        }
    }

    /// With TLS 1.3 the client's handshake is over before the broker has looked at the client's certificate. When the login
    /// fails while writing, the broker's alert has not been read yet.
    private func peekForAlert() -> AMQPError? {
        guard let tls, let ssl = unsafe tls.ssl, descriptor >= 0 else { return nil }
        var byte: UInt8 = 0
        _ = unsafe SSL_read(ssl, &byte, 1)
        return tls.failure()
    }

    /// Takes out what the library read beyond the login's end, because nobody will look into its buffer again: a heartbeat, or
    /// the word that the broker takes no messages.
    ///
    /// - Returns: Why the broker takes no messages, nil when it does.
    func drainSurplus(_ endpoint: AMQPEndpoint) throws(AMQPError) -> String? {
        var blockedReason: String?
        while unsafe amqp_data_in_buffer(state) != 0 || amqp_frames_enqueued(state) != 0 {
            var frame = unsafe amqp_frame_t()
            var noTime = timeval()
            let status = unsafe amqp_simple_wait_frame_noblock(state, &frame, &noTime)
            if status == AMQP_STATUS_TIMEOUT.rawValue { break }
            guard status == AMQP_STATUS_OK.rawValue, unsafe frame.frame_type == UInt8(AMQP_FRAME_METHOD),
                unsafe frame.payload.method.id == AMQP_CONNECTION_BLOCKED_METHOD,
                let decoded = unsafe frame.payload.method.decoded
            else {
                throw AMQPError(.connectionLost, "\(endpoint) sent something that nobody asked for after the login")
            }
            blockedReason = unsafe String(decoded.load(as: amqp_connection_blocked_t.self).reason)
        }
        // Half a frame would be torn: its other half comes through the socket.
        guard unsafe amqp_release_buffers_ok(state) != 0 else {
            throw AMQPError(.connectionLost, "\(endpoint) sent half a frame after the login")
        }
        return blockedReason
    }

    // MARK: Never blocking

    /// What came of an attempt to move bytes.
    enum Outcome {
        case moved(Int)
        case wouldBlock
        case failed(AMQPError)
    }

    func receive(into room: UnsafeMutableRawBufferPointer) -> Outcome {
        guard let tls else {
            let count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
            if count > 0 { return .moved(count) }
            if count == 0 {
                return .failed(AMQPError(.connectionLost, "the broker closed the connection without a word"))
            }
            return Self.outcome(of: errno)
        }
        guard let ssl = unsafe tls.ssl else { return .failed(AMQPError(.connectionLost, "the TLS session is gone")) }
        ERR_clear_error()
        let count = unsafe SSL_read(ssl, room.baseAddress, CInt(clamping: room.count))
        return count > 0 ? .moved(Int(count)) : unsafe outcome(of: ssl, count, tls)
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        guard let tls else {
            let count = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            return count >= 0 ? .moved(count) : Self.outcome(of: errno)
        }
        guard let ssl = unsafe tls.ssl else { return .failed(AMQPError(.connectionLost, "the TLS session is gone")) }
        ERR_clear_error()
        let count = unsafe SSL_write(ssl, bytes.baseAddress, CInt(clamping: bytes.count))
        return count > 0 ? .moved(Int(count)) : unsafe outcome(of: ssl, count, tls)
    }

    /// Ends both directions at once, for whoever is blocked on them too.
    func shutdown() {
        _ = Glibc.shutdown(descriptor, CInt(SHUT_RDWR))
    }

    private static func outcome(of code: CInt) -> Outcome {
        if code == EAGAIN || code == EWOULDBLOCK || code == EINTR { return .wouldBlock }
        return .failed(AMQPError(.connectionLost, "the connection broke: \(unsafe String(cString: strerror(code)))"))
    }

    private func outcome(of ssl: OpaquePointer, _ count: CInt, _ tls: TLSVerification) -> Outcome {
        let code = errno
        switch unsafe SSL_get_error(ssl, count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        case SSL_ERROR_ZERO_RETURN:
            return .failed(AMQPError(.connectionLost, "the broker closed the connection without a word"))
        case SSL_ERROR_SYSCALL where code != 0: return Self.outcome(of: code)
        default:
            if let refusal = tls.failure() { return .failed(refusal) }
            return .failed(AMQPError(.connectionLost, "the TLS session broke: \(TLSVerification.queuedReason())"))
        }
    }
}

extension timeval {
    /// Rounds up to whole microseconds.
    init(_ duration: Duration) {
        let interval = MonotonicTime.Interval(duration)
        let microseconds = (interval.nanoseconds + 999) / 1000
        self.init(
            tv_sec: __time_t(clamping: microseconds / 1_000_000), tv_usec: __suseconds_t(microseconds % 1_000_000))
    }
}
