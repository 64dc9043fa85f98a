package import Operative

/// One error of the chain that an error payload reports (Cloudify agent protocol, `causes`).
public struct ErrorCause: Sendable, Hashable {
    /// What went wrong.
    public let message: String
    /// The name of the error's type.
    public let type: String
    /// Where it happened. The engine joins these texts when it reports a failed workflow, so failures always have one.
    public let traceback: String?

    /// Creates a cause.
    public init(message: String, type: String, traceback: String?) {
        self.message = message
        self.type = type
        self.traceback = traceback
    }

    package init(_ cause: OperationFailure.Cause) {
        self.init(
            message: cause.message, type: cause.type, traceback: cause.traceback ?? "\(cause.type): \(cause.message)\n")
    }

    func write(to writer: inout JSONWriter) {
        writer.raw("{\"message\":")
        writer.string(message)
        writer.raw(",\"type\":")
        writer.string(type)
        writer.raw(",\"traceback\":")
        writer.string(traceback)
        writer.raw("}")
    }
}

extension JSONWriter {
    mutating func causes(_ causes: [ErrorCause]) {
        raw("[")
        for (index, cause) in causes.enumerated() {
            if index > 0 { raw(",") }
            cause.write(to: &self)
        }
        raw("]")
    }
}
