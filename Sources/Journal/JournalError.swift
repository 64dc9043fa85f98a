import Glibc

/// Why the agent's memory on disk cannot be used.
public struct JournalError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of problem it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: Sendable, Hashable {
            case system, noPermission, missing, locked, newerSchema, versionConflict, damaged
        }
        private let kind: Kind

        /// The operating system refused something.
        public static let system = Code(kind: .system)
        /// The user may not do this.
        public static let noPermission = Code(kind: .noPermission)
        /// What was to be read is not there.
        public static let missing = Code(kind: .missing)
        /// Another agent uses the state directory.
        public static let locked = Code(kind: .locked)
        /// A later release wrote the database.
        public static let newerSchema = Code(kind: .newerSchema)
        /// Somebody else changed the stored value in the meantime.
        public static let versionConflict = Code(kind: .versionConflict)
        /// What was read makes no sense.
        public static let damaged = Code(kind: .damaged)

        /// The name of the code.
        public var description: String { "\(kind)" }
    }

    /// What kind of problem it is.
    public let code: Code
    /// What happened and what to do about it, in one line.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// An error that names both versions and what to do.
    static func newerSchema(_ path: String, found: Int, known: Int) -> JournalError {
        JournalError(
            .newerSchema,
            "\(path) has schema version \(found) and this release knows \(known): a later release wrote it;"
                + " install that release again, or start with another state directory")
    }

    /// The message.
    public var description: String { message }

    /// An error that quotes `errno`.
    static func system(_ message: String, number: Int32 = errno) -> JournalError {
        JournalError(.system, "\(message): \(unsafe String(cString: strerror(number)))")
    }
}
