/// What a cancellation has come to.
package struct CancellationResult: Sendable, Hashable {
    /// How many tasks it reached among those that wait or run. Attempts that wait in the broker are reached too, and not counted.
    package var tasks: Int
    /// Why it could not be written to disk, in one line; nil when it was. It is kept in memory then and written as soon as that is possible: an agent that dies before has forgotten it.
    package var unwritten: String?
}
