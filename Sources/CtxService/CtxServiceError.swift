/// Why ctx cannot be served to scripts: something about this machine, not about the script.
package struct CtxServiceError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, in one line.
    package let message: String

    package init(_ message: String) { self.message = message }

    /// The message.
    package var description: String { message }
}
