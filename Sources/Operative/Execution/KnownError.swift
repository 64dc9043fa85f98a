/// The form in which the manager's side rebuilds an error, for failures that are more than recoverable or not (Cloudify agent protocol, 2.5).
package struct KnownError: Sendable, Hashable {
    /// The class that is instantiated there, such as `HttpException`.
    package let type: String
    /// Its arguments besides the message.
    package let arguments: [PropertyValue]
    /// Whether the message comes after the arguments.
    package let appendsMessage: Bool

    package init(type: String, arguments: [PropertyValue] = [], appendsMessage: Bool = false) {
        self.type = type
        self.arguments = arguments
        self.appendsMessage = appendsMessage
    }
}
