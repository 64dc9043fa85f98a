/// What to save when somebody else has changed the same runtime properties.
public struct ConflictHandler: Sendable {
    let merge:
        @Sendable (_ mine: [String: PropertyValue], _ latest: [String: PropertyValue]) throws -> [String: PropertyValue]

    /// Creates a handler.
    ///
    /// - Parameter merge: receives the runtime properties as this operation has them and as they are stored now, and returns what
    ///   to store. Called once for each conflict, always with the same `mine`. What it throws ends the update.
    public init(
        _ merge:
            @escaping @Sendable (_ mine: [String: PropertyValue], _ latest: [String: PropertyValue]) throws -> [String:
            PropertyValue]
    ) {
        self.merge = merge
    }

    /// Keeps what either side has; a property that both have with different values is a ``RecoverableError``.
    public static let simpleMerge = ConflictHandler { mine, latest in
        try latest.merging(mine) { theirs, own in
            guard theirs == own else {
                let key = mine.keys.sorted().first { latest[$0] != nil && latest[$0] != mine[$0] } ?? ""
                throw RecoverableError(
                    "Cannot merge - \(key) changed (old value: \(mine[key] ?? .null), new value: \(latest[key] ?? .null))"
                )
            }
            return own
        }
    }
}
