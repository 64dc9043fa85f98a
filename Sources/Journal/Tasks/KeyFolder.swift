/// Moves keys from memory into the table `task_index`: in their order, so that neighbours share a page, and bit by bit, so that no task waits long for it.
struct KeyFolder {
    /// So many keys make it worth while.
    static let threshold = 16_384
    /// The part of them that goes into the table at a time.
    private static let portionsPerFolding = 32
    /// The same at the start, when nobody waits.
    private static let portionAtStart = 65_536

    private let index: KeyIndex
    private let threshold: Int
    private var entries: [KeyIndex.Entry] = []
    private var position = 0

    init(_ index: KeyIndex, threshold: Int) {
        self.index = index
        self.threshold = threshold
    }

    /// Keys are on their way: no rows may be deleted meanwhile, or some would stay in the table for ever.
    var isBusy: Bool { position < entries.count }

    /// Does the next bit, if there is any to do. What fails is done again the next time.
    mutating func proceed(_ connection: inout SQLiteConnection) throws(SQLiteError) {
        if !isBusy {
            guard index.recentCount >= threshold else { return }
            entries = index.beginFolding().sorted { $0.key < $1.key }
            position = 0
        }
        let end = min(position + max(1, threshold / Self.portionsPerFolding), entries.count)
        guard end == entries.count else {
            try Self.write(index.stillThere(entries[position..<end]), nil, &connection)
            position = end
            return
        }
        let segment = Self.segment(after: index.lastSegment, with: entries)
        try Self.write(index.stillThere(entries[position..<end]), segment, &connection)
        index.endFolding(segment)
        entries = []
        position = 0
    }

    /// Makes the index of a journal that is being opened.
    static func index(of connection: inout SQLiteConnection, threshold: Int) throws -> KeyIndex {
        var segments = try KeySegment.load(&connection)
        while true {
            let entries = try connection.query(
                "SELECT key, id FROM task WHERE id > ? ORDER BY id LIMIT \(portionAtStart)",
                [.integer(segments.last?.lastRow ?? 0)]
            ) { KeyIndex.Entry(key: $0.integer(0), row: $0.integer(1)) }
            guard entries.count > threshold else { return KeyIndex(segments: segments, recent: entries) }
            let segment = segment(after: segments.last, with: entries)
            try write(entries.sorted { $0.key < $1.key }[...], segment, &connection)
            if segments.last?.firstRow == segment.firstRow { segments.removeLast() }
            segments.append(segment)
        }
    }

    private static func segment(after last: KeySegment?, with entries: [KeyIndex.Entry]) -> KeySegment {
        var segment =
            if let last, last.filter.count + entries.count <= KeyFilter.capacity { last } else {
                KeySegment(firstRow: (last?.lastRow ?? 0) + 1, lastRow: last?.lastRow ?? 0, filter: KeyFilter())
            }
        for entry in entries {
            segment.filter.insert(entry.key)
            segment.lastRow = max(segment.lastRow, entry.row)
        }
        return segment
    }

    /// - Parameter segment: written with the last of its keys, and not before: until then the rows themselves speak for theirs.
    private static func write(
        _ entries: ArraySlice<KeyIndex.Entry>, _ segment: KeySegment?, _ connection: inout SQLiteConnection
    ) throws(SQLiteError) {
        let insert = try connection.prepare("INSERT OR IGNORE INTO task_index (key, id) VALUES (?, ?)")
        try connection.transaction { connection throws(SQLiteError) in
            for entry in entries {
                insert.bind(entry.key, at: 1)
                insert.bind(entry.row, at: 2)
                try insert.run()
            }
            try segment?.store(&connection)
        }
    }
}
