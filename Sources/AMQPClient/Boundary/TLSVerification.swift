internal import CRabbitMQ
internal import Synchronization

/// Lets OpenSSL check chain and name, and remembers why it or the broker said no.
///
/// librabbitmq's own check of the host name is wrong before 0.14, and it tells only that something failed. So its check is off,
/// the name goes into OpenSSL's verification parameters, and two callbacks write down the reasons.
final class TLSVerification: Sendable {
    private struct Record: Sendable {
        var code: CInt = 0
        var depth: CInt = 0
        var subject = ""
        var alert: CInt?
        var ssl: UInt = 0
    }

    private let record = Mutex(Record())
    private let configuration: AMQPTLSConfiguration
    private let host: String
    private let isAddress: Bool

    /// - Parameter host: The host that was dialled, as the user wrote it.
    init(_ configuration: AMQPTLSConfiguration, host: String) {
        self.configuration = configuration
        self.host = configuration.serverName ?? host
        self.isAddress = Resolver.isAddress(self.host)
    }

    /// Whether the handshake has begun.
    var hasStarted: Bool { record.withLock { $0.ssl != 0 } }

    /// The TLS session, from the start of the handshake on.
    var ssl: OpaquePointer? { unsafe OpaquePointer(bitPattern: record.withLock { $0.ssl }) }

    // MARK: Before the handshake

    /// Puts files, versions and callbacks into the socket's context.
    ///
    /// The context borrows `self`: it must not outlive it.
    func prepare(_ socket: OpaquePointer) throws(AMQPError) {
        guard let raw = unsafe amqp_ssl_socket_get_context(socket) else {
            throw AMQPError(.tlsRefused, "OpenSSL could not be started")
        }
        let context = OpaquePointer(raw)
        ERR_clear_error()
        guard unsafe crmq_ssl_context_harden(raw) == 1 else {
            throw AMQPError(.tlsRefused, "OpenSSL does not support TLS 1.2")
        }
        if let file = configuration.caFile {
            guard unsafe amqp_ssl_socket_set_cacert(socket, file) == 0 else {
                throw AMQPError(
                    .invalidConfiguration, "tls: the CA file \(file) cannot be used: \(Self.queuedReason())")
            }
        } else {
            _ = unsafe SSL_CTX_set_default_verify_paths(context)
        }
        if let certificate = configuration.certificateFile, let key = configuration.privateKeyFile {
            guard unsafe amqp_ssl_socket_set_key(socket, certificate, key) == 0 else {
                throw AMQPError(
                    .invalidConfiguration,
                    "tls: the client certificate \(certificate) with key \(key) cannot be used: \(Self.queuedReason())")
            }
        }
        unsafe amqp_ssl_socket_set_verify_peer(socket, 1)
        unsafe amqp_ssl_socket_set_verify_hostname(socket, 0)
        if configuration.verifyHostname {
            let parameters = unsafe SSL_CTX_get0_param(context)
            unsafe X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            let isSet =
                unsafe isAddress
                ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host) : X509_VERIFY_PARAM_set1_host(parameters, host, 0)
            guard isSet == 1 else { throw AMQPError(.invalidConfiguration, "tls: '\(host)' is not a host name") }
        }
        unsafe crmq_ssl_context_set_owner(raw, Unmanaged.passUnretained(self).toOpaque())
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER) { isFine, store in
            unsafe TLSVerification.noteVerification(isFine: isFine, store)
        }
        unsafe SSL_CTX_set_info_callback(context) { ssl, event, value in
            unsafe TLSVerification.noteEvent(ssl, event, value)
        }
    }

    // MARK: Callbacks

    private static func owner(of ssl: OpaquePointer?) -> TLSVerification? {
        guard let ssl = unsafe ssl, let owner = unsafe crmq_ssl_owner(ssl) else { return nil }
        return unsafe Unmanaged<TLSVerification>.fromOpaque(owner).takeUnretainedValue()
    }

    private static func noteVerification(isFine: CInt, _ store: OpaquePointer?) -> CInt {
        guard isFine != 1, let store = unsafe store else { return isFine }
        let code = unsafe X509_STORE_CTX_get_error(store)
        let depth = unsafe X509_STORE_CTX_get_error_depth(store)
        var subject = ""
        if let certificate = unsafe X509_STORE_CTX_get_current_cert(store),
            let name = unsafe X509_NAME_oneline(X509_get_subject_name(certificate), nil, 0)
        {
            subject = unsafe String(cString: name)
            unsafe CRYPTO_free(name, "", 0)
        }
        unsafe owner(of: crmq_ssl_of_store_context(store))?.record.withLock { record in
            if record.code == 0 { (record.code, record.depth, record.subject) = (code, depth, subject) }
        }
        return isFine
    }

    private static func noteEvent(_ ssl: OpaquePointer?, _ event: CInt, _ value: CInt) {
        guard let ssl = unsafe ssl, let owner = unsafe owner(of: ssl) else { return }
        if event & SSL_CB_HANDSHAKE_START != 0 {
            let pointer = UInt(bitPattern: ssl)
            let isFirst = owner.record.withLock { record in
                defer { record.ssl = pointer }
                return record.ssl == 0
            }
            // librabbitmq is given a numeric address, so the name has to be put in here, before the first message is written.
            if isFirst { _ = unsafe crmq_ssl_set_server_name(ssl, owner.isAddress ? nil : owner.host) }
        } else if event & SSL_CB_READ_ALERT == SSL_CB_READ_ALERT {
            // The low byte is the description; 0 is the orderly goodbye.
            if value & 0xFF != 0 { owner.record.withLock { $0.alert = value & 0xFF } }
        }
    }

    // MARK: After a failure

    /// Why TLS failed, when it was TLS that failed.
    func failure() -> AMQPError? {
        let record = record.withLock { $0 }
        if record.code != X509_V_OK { return AMQPError(.tlsRefused, verificationMessage(record)) }
        if let alert = record.alert { return AMQPError(.tlsRefused, alertMessage(alert)) }
        return nil
    }

    /// What OpenSSL queued about the last failure on this thread.
    static func queuedReason() -> String {
        let code = ERR_peek_last_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "no reason given" }
        return unsafe String(cString: text)
    }

    private func verificationMessage(_ record: Record) -> String {
        let subject = record.subject.isEmpty ? "" : " (subject \(record.subject))"
        switch record.code {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "the broker's certificate\(subject) is not valid for host '\(host)'"
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "the broker's certificate\(subject) has expired"
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "the broker's certificate\(subject) is not valid yet; compare the clocks"
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
            let trusted = configuration.caFile ?? "the system's store"
            return "the broker's certificate\(subject) is signed by an unknown authority, not by one in \(trusted)"
        default:
            let reason = unsafe String(cString: X509_verify_cert_error_string(Int(record.code)))
            return "the broker's certificate\(subject) was refused: \(reason) (depth \(record.depth))"
        }
    }

    private func alertMessage(_ alert: CInt) -> String {
        let name = unsafe String(cString: SSL_alert_desc_string_long(alert))
        switch (alert, configuration.certificateFile) {
        case (Self.certificateRequired, nil), (Self.badCertificate, nil), (Self.handshakeFailure, nil):
            return "the broker wants a client certificate and none is configured (TLS alert: \(name))"
        case (_, let certificate?) where Self.certificateAlerts.contains(alert):
            return "the broker refused the client certificate \(certificate) (TLS alert: \(name))"
        default:
            return "the broker refused the TLS handshake (TLS alert: \(name))"
        }
    }

    // Alert descriptions of RFC 8446, section 6. OpenSSL has them as macros over internal macros.
    private static let handshakeFailure: CInt = 40
    private static let badCertificate: CInt = 42
    private static let certificateRequired: CInt = 116
    private static let certificateAlerts: ClosedRange<CInt> = 42...51
}
