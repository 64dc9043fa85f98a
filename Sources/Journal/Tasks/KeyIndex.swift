internal import Synchronization

/// Where the rows of keys are: exactly for the newest rows, which are in memory, and "not there" or "perhaps" for the others,
/// which are in the table `task_index`.
///
/// A key's place in an index is random, so keeping one on disk with every row costs a page for every row. Here thousands of keys go
/// into the table at once, in their order (``KeyFolder``). After a kill the newest are read from their rows again.
/// It may name rows that are gone or belong to another key with the same hash; it never omits one.
final class KeyIndex: Sendable {
    /// Where a key's row may be.
    struct Candidates: Sendable {
        /// These rows may be it.
        var rows: [Int64] = []
        /// `task_index` may know more.
        var mayBeFolded = false

        /// The key has no row.
        var isEmpty: Bool { rows.isEmpty && !mayBeFolded }
    }

    struct Entry: Sendable {
        let key: Int64
        let row: Int64
    }

    private struct State {
        var recent = RecentKeys()
        /// On their way into `task_index`.
        var folding = RecentKeys()
        var segments: [KeySegment] = []
    }

    private let state = Mutex(State())

    init(segments: [KeySegment] = [], recent: [Entry] = []) {
        state.withLock { state in
            state.segments = segments
            for entry in recent { state.recent.insert(entry) }
        }
    }

    func candidates(for key: Int64) -> Candidates {
        state.withLock { state in
            var candidates = Candidates()
            candidates.rows = state.recent.rows(of: key)
            if state.folding.count > 0 { candidates.rows += state.folding.rows(of: key) }
            candidates.mayBeFolded = state.segments.contains { $0.filter.mayContain(key) }
            return candidates
        }
    }

    func insert(_ entry: Entry) { state.withLock { $0.recent.insert(entry) } }

    /// These rows are gone. Those that are in `task_index` already go with their rows.
    func remove(_ entries: [Entry]) {
        state.withLock { state in
            for entry in entries {
                state.recent.remove(entry)
                state.folding.remove(entry)
            }
        }
    }

    /// Those of the entries handed out by ``beginFolding()`` whose rows are still there.
    func stillThere(_ entries: ArraySlice<Entry>) -> ArraySlice<Entry> {
        state.withLock { state in entries.filter { state.folding.rows(of: $0.key).contains($0.row) }[...] }
    }

    /// How many keys are in memory alone and not being folded yet.
    var recentCount: Int { state.withLock { $0.recent.count } }

    /// The newest segment; nil when there is none.
    var lastSegment: KeySegment? { state.withLock { $0.segments.last } }

    /// Hands out the newest keys, to be put into `task_index`. They stay findable here until ``endFolding(_:)``.
    func beginFolding() -> [Entry] {
        state.withLock { state in
            swap(&state.recent, &state.folding)
            return state.folding.entries
        }
    }

    /// The keys are in `task_index`, and in this segment, which is new or takes the place of the one that begins with the same row.
    func endFolding(_ segment: KeySegment) {
        state.withLock { state in
            state.segments.removeAll { $0.firstRow == segment.firstRow }
            state.segments.append(segment)
            state.folding.removeAll()
        }
    }

    /// Only the segments that begin with these rows have rows yet.
    func keepSegments(_ firstRows: Set<Int64>) {
        state.withLock { state in state.segments.removeAll { !firstRows.contains($0.firstRow) } }
    }
}
