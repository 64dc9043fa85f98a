internal import Synchronization

/// Tasks that an agent may have begun whose journal is lost. The broker hands them out before all that nobody ever had; once that
/// has come and all of them are on record, the journal knows everything and is not new any more.
///
/// Until then the next process has to doubt, too: this one may end before it has seen them, for want of the queue for instance.
final class InheritedTasks: Sendable {
    private struct State {
        /// How many have come and are not on record.
        var open = 0
        /// Something has come that nobody had before.
        var isComplete = false
        var isDone = false

        mutating func isDoneNow() -> Bool {
            guard isComplete, open == 0, !isDone else { return false }
            isDone = true
            return true
        }
    }

    private let journal: any TaskJournal
    private let state = Mutex(State())

    init(journal: any TaskJournal) { self.journal = journal }

    /// Messages have come from the broker. To be called for all, in their order, before anything is done with them: a kill from then on
    /// must not make the next process doubt what is new.
    func arrived(_ messages: [IncomingMessage]) async {
        guard journal.isFresh else { return }
        let isDone = state.withLock { state in
            state.open += messages.count(where: \.redelivered)
            state.isComplete = state.isComplete || messages.contains { !$0.redelivered }
            return state.isDoneNow()
        }
        if isDone { await journal.noteComplete() }
    }

    /// What is to be known of a message is in the journal, or needs not be.
    func recorded(_ message: IncomingMessage) async {
        guard journal.isFresh, message.redelivered else { return }
        let isDone = state.withLock { state in
            state.open -= 1
            return state.isDoneNow()
        }
        if isDone { await journal.noteComplete() }
    }
}
