/// Why a resource cannot be had.
public struct ResourceError: Recoverable, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Name: String { case notFound, tooLarge, invalidPath, notText, unavailable }
        private let name: Name

        /// Neither the deployment nor the blueprint nor the manager has it.
        public static let notFound = Code(name: .notFound)
        /// It is larger than this call allows.
        public static let tooLarge = Code(name: .tooLarge)
        /// Its path is empty, or leads out of the directory it belongs to.
        public static let invalidPath = Code(name: .invalidPath)
        /// It is to be rendered and is not UTF-8 text.
        public static let notText = Code(name: .notText)
        /// It was found and could not be transferred whole.
        public static let unavailable = Code(name: .unavailable)

        /// The name of the code.
        public var description: String { name.rawValue }
    }

    /// What is wrong.
    public let code: Code
    /// The resource's path.
    public let path: String
    /// What is wrong, in one line.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, path: String, message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
