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

    /// Many that retry at once would all but one conflict again: they spread out, over four times as long after each conflict. Two
    /// are soon done with each other, and fifty have half a second in which most find a moment for themselves.
    mutating func pause() async throws {
        conflicts += 1
        try Task.checkCancellation()
        let limit = 8 << (2 * min(conflicts - 1, 3))
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...limit)))
    }
}
