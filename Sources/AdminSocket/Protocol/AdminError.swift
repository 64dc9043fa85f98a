internal import Operative

/// Why a request was not served, or could not be made.
package struct AdminError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The request makes no sense.
        case badRequest = "bad_request"
        /// The peers speak different versions of the protocol.
        case version
        /// The agent has no such command.
        case unknownCommand = "unknown_command"
        /// What the request names does not exist.
        case notFound = "not_found"
        /// The agent cannot do it now.
        case unavailable
        /// The agent has too many clients, or did not get round to it in time.
        case busy
        /// The client's user is not the agent's.
        case notPermitted = "not_permitted"
        /// Nobody listens on the socket.
        case noAgent = "no_agent"
        /// The connection broke, or the peer does not speak this protocol.
        case broken
    }

    package var code: Code
    /// What happened, in one line.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    var json: PropertyValue { ["code": .string(code.rawValue), "message": .string(message)] }

    /// Nil when the value is no error of this protocol; a code that is not known here counts as `broken`.
    init?(json: PropertyValue?) {
        guard let code = json?["code"]?.stringValue, let message = json?["message"]?.stringValue else { return nil }
        self.init(Code(rawValue: code) ?? .broken, message)
    }
}
