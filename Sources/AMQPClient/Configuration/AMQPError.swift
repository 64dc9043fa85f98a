/// Why something could not be done.
///
/// Compare ``code`` to decide, show ``message`` to people: it is one line and says what to look at.
public struct AMQPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a failure. New kinds may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable {
            case unreachable, timedOut, tlsRefused, authenticationRefused, accessRefused, notFound, resourceLocked
            case preconditionFailed, channelClosed, connectionClosed, connectionLost, stopped, protocolViolation
            case invalidConfiguration, invalidMessage
        }
        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }

        /// No TCP connection: unknown host, refused port, no route.
        public static let unreachable = Code(.unreachable)
        /// The peer did not answer in time.
        public static let timedOut = Code(.timedOut)
        /// One side refused the other's certificate or TLS version.
        public static let tlsRefused = Code(.tlsRefused)
        /// The broker refused the user, the password or the virtual host at login.
        public static let authenticationRefused = Code(.authenticationRefused)
        /// The user may not do this: reply code 403.
        public static let accessRefused = Code(.accessRefused)
        /// There is no such queue or exchange: reply code 404.
        public static let notFound = Code(.notFound)
        /// Another connection holds the queue exclusively: reply code 405.
        public static let resourceLocked = Code(.resourceLocked)
        /// The object exists with other arguments, or a value is not acceptable: reply code 406.
        public static let preconditionFailed = Code(.preconditionFailed)
        /// The channel was closed for another reason.
        public static let channelClosed = Code(.channelClosed)
        /// The broker closed the connection and said why.
        public static let connectionClosed = Code(.connectionClosed)
        /// The connection ended without a word, or the peer fell silent.
        public static let connectionLost = Code(.connectionLost)
        /// The connection was closed by its owner.
        public static let stopped = Code(.stopped)
        /// The peer sent something that is not AMQP 0-9-1.
        public static let protocolViolation = Code(.protocolViolation)
        /// A setting cannot work.
        public static let invalidConfiguration = Code(.invalidConfiguration)
        /// A message cannot be encoded: a name longer than 255 bytes, too many headers.
        public static let invalidMessage = Code(.invalidMessage)

        /// The name of the code.
        public var description: String { kind.rawValue }
    }

    /// The kind of the failure.
    public let code: Code
    /// One line for people.
    public let message: String
    /// The broker's reply code when it gave one (AMQP 0-9-1, constants).
    public let replyCode: UInt16?

    /// Creates an error.
    public init(_ code: Code, _ message: String, replyCode: UInt16? = nil) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
    }

    /// Whether the same call may succeed later without anybody changing a setting or a permission.
    public var isRetriable: Bool {
        switch code {
        case .unreachable, .timedOut, .channelClosed, .connectionClosed, .connectionLost, .resourceLocked, .notFound:
            true
        default: false
        }
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }

    static let stopped = AMQPError(.stopped, "the connection has been closed by its owner")

    /// The error for a channel that the broker closed.
    static func channel(replyCode: UInt16, text: String) -> AMQPError {
        let code: Code =
            switch replyCode {
            case 403: .accessRefused
            case 404: .notFound
            case 405: .resourceLocked
            case 406: .preconditionFailed
            default: .channelClosed
            }
        return AMQPError(code, text, replyCode: replyCode)
    }

    /// The error for a connection that the broker closed.
    static func connection(replyCode: UInt16, text: String) -> AMQPError {
        let code: Code = (501...505).contains(replyCode) ? .protocolViolation : .connectionClosed
        return AMQPError(code, "the broker closed the connection: \(text)", replyCode: replyCode)
    }
}
