/// A row of the journal as it is shown to people. All times are milliseconds since 1970.
package struct JournalRow: Sendable, Hashable {
    /// Names the row in this journal.
    package var id: Int64
    package var taskID: String
    package var retryNumber: Int
    /// Nil when a later release wrote something that this one does not know.
    package var state: JournalState?
    /// The operation, as the task names it.
    package var name: String
    package var executionID: String?
    package var startedAt: Int64?
    package var endedAt: Int64?
    /// How often the agent has died while the operation ran.
    package var deaths: Int
    /// The agent has taken the task over from the broker.
    package var isKept: Bool
    /// Where the answer goes; nil also when the row was done too fast for it to be noted.
    package var replyTo: String?
    package var correlationID: String?
    /// Nil while there is none.
    package var outcome: Outcome?
    /// When the broker should hand the attempt back; nil for what does not wait in the broker.
    package var dueAt: Int64?
    /// The task as it came; empty when it is not needed any more.
    package var body: [UInt8]

    package enum Outcome: Sendable, Hashable {
        /// Answered with this body.
        case reply([UInt8])
        /// Put aside for another attempt: after so many milliseconds, with this body, which is empty once it has come back.
        case retry([UInt8], delay: Int64)
        /// Ended without a word.
        case silence
    }
}
