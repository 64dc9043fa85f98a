/// Rows by the hashes of their keys. Nobody can keep different keys from having the same hash, so there may be several.
struct RecentKeys: Sendable {
    private var rows: [Int64: Int64] = [:]
    /// Further rows of the same hashes.
    private var others: [Int64: [Int64]] = [:]

    private(set) var count = 0

    var entries: [KeyIndex.Entry] {
        rows.map { KeyIndex.Entry(key: $0.key, row: $0.value) }
            + others.flatMap { key, rows in rows.map { KeyIndex.Entry(key: key, row: $0) } }
    }

    mutating func insert(_ entry: KeyIndex.Entry) {
        count += 1
        if let known = rows.updateValue(entry.row, forKey: entry.key) { others[entry.key, default: []].append(known) }
    }

    mutating func remove(_ entry: KeyIndex.Entry) {
        var left = rows(of: entry.key)
        guard let index = left.firstIndex(of: entry.row) else { return }
        left.remove(at: index)
        count -= 1
        rows[entry.key] = left.popLast()
        others[entry.key] = left.isEmpty ? nil : left
    }

    func rows(of key: Int64) -> [Int64] {
        guard let row = rows[key] else { return [] }
        return (others.isEmpty ? [] : others[key] ?? []) + [row]
    }

    mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        others = [:]
        count = 0
    }
}
