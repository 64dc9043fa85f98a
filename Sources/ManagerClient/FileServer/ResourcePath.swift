/// The name of a resource, checked.
struct ResourcePath: Sendable, Hashable {
    /// Without a slash at the beginning.
    let text: String

    /// - Throws: ``ManagerError`` when it is empty or tries to leave its directory.
    init(_ text: String) throws(ManagerError) {
        var path = text[...]
        while path.first == "/" { path.removeFirst() }
        guard !path.isEmpty else { throw Self.refused(text, "is no name of a file") }
        guard !path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F || $0 == "\\" }) else {
            throw Self.refused(text, "has a character that names of files must not have")
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard !parts.isEmpty, !parts.contains(where: { $0 == ".." || $0 == "." }) else {
            throw Self.refused(text, "tries to leave its directory")
        }
        self.text = String(path)
    }

    private static func refused(_ text: String, _ reason: String) -> ManagerError {
        let name = OneLine.make(text, limit: 200)
        return ManagerError(.invalidRequest, message: "'\(name)' \(reason)", request: "GET /resources")
    }
}
