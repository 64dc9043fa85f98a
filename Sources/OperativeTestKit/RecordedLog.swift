public import Logging

/// A line that an operation logged.
public struct RecordedLog: Sendable {
    /// The level.
    public let level: Logger.Level
    /// The text.
    public let message: String
    /// The metadata, including that of the logger.
    public let metadata: Logger.Metadata
}
