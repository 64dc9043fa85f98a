internal import FoundationEssentials

/// The time, as records have it.
enum Timestamp {
    /// In UTC, with milliseconds.
    static var now: String {
        Date.now.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true)) + "Z"
    }
}
