/// One update that others keep interfering with.
struct Merging {
    let mine: [String: PropertyValue]
    /// What to store, and what it is based on.
    private(set) var properties: [String: PropertyValue]
    private(set) var base: NodeInstanceRecord
    private(set) var conflicts = 0

    init(mine: [String: PropertyValue], base: NodeInstanceRecord) {
        self.mine = mine
        self.base = base
        properties = mine
    }

    mutating func take(_ latest: NodeInstanceRecord, _ handler: ConflictHandler) throws {
        base = latest
        properties = try handler.merge(mine, latest.runtimeProperties)
    }

    /// Many that retry at once would all but one conflict again: they spread out, at most over a tenth of a second.
    mutating func pause() async throws {
        conflicts += 1
        try Task.checkCancellation()
        guard conflicts > 1 else { return }
        let limit = min(100, 1 << min(conflicts, 7))
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...limit)))
    }
}
