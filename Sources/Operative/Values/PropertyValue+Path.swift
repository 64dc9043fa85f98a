extension PropertyValue {
    /// The value at a path of member names and indices, such as `listen.ports[0]`.
    ///
    /// - Parameter path: names separated by dots, indices in brackets; the empty path is the value itself.
    ///   A name that contains a dot or a bracket cannot be written in a path: use the subscripts.
    /// - Returns: `nil` when a step does not exist or the path is malformed.
    public func value(at path: String) -> PropertyValue? {
        guard !path.isEmpty else { return self }
        var current = self
        for step in path.split(separator: ".", omittingEmptySubsequences: false) {
            let parts = step.split(separator: "[", omittingEmptySubsequences: false)
            guard let name = parts.first, !(name.isEmpty && parts.count == 1) else { return nil }
            if !name.isEmpty {
                guard let member = current[String(name)] else { return nil }
                current = member
            }
            for part in parts.dropFirst() {
                guard part.last == "]", let index = Int(part.dropLast()), let element = current[index] else {
                    return nil
                }
                current = element
            }
        }
        return current
    }
}
