/// Why a list of plugins cannot be served together.
public struct OperationRegistryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the list.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Name: String { case duplicateOperation, duplicatePlugin, emptyOperationName, emptyPluginName }
        private let name: Name

        /// Two operations have the same name.
        public static let duplicateOperation = Code(name: .duplicateOperation)
        /// Two plugins have the same name.
        public static let duplicatePlugin = Code(name: .duplicatePlugin)
        /// An operation has no name.
        public static let emptyOperationName = Code(name: .emptyOperationName)
        /// A plugin has no name.
        public static let emptyPluginName = Code(name: .emptyPluginName)

        /// The name of the code.
        public var description: String { name.rawValue }
    }

    /// What is wrong.
    public let code: Code
    /// What is wrong and how to mend it, in one line.
    public let message: String

    /// The message.
    public var description: String { message }
}
