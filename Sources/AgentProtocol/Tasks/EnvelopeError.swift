/// Why a message is not a task.
public struct EnvelopeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the message.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Name: String { case notJSON, notAnObject, missingField, wrongType }
        private let name: Name

        /// The body is not well-formed JSON.
        public static let notJSON = Code(name: .notJSON)
        /// The body is JSON, but not an object.
        public static let notAnObject = Code(name: .notAnObject)
        /// A required field is absent or null.
        public static let missingField = Code(name: .missingField)
        /// A field has a value that it cannot have.
        public static let wrongType = Code(name: .wrongType)

        /// The name of the code.
        public var description: String { name.rawValue }
    }

    /// What is wrong.
    public let code: Code
    /// The path of the offending field, such as `cloudify_task.kwargs`; empty when it is the body as a whole.
    public let field: String
    /// The byte of the body where the problem was seen; `nil` for a missing field.
    public let offset: Int?
    /// What is wrong, in words.
    public let reason: String
    /// The task's id, when the body is readable enough to tell it.
    public internal(set) var id: String?

    init(_ code: Code, field: String = "", offset: Int? = nil, reason: String) {
        self.code = code
        self.field = field
        self.offset = offset
        self.reason = reason
    }

    /// One line that names field and byte. Contains no content of the message.
    public var description: String {
        let subject = field.isEmpty ? "the message body" : "field '\(field)'"
        let place = offset.map { " (byte \($0))" } ?? ""
        return "\(subject)\(place): \(reason)"
    }
}
