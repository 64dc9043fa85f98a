internal import Operative

/// The managers that a `cluster-update` has named, kept in the state directory: tasks may name those of before, also after a restart.
struct NamedManagers {
    let path: String

    /// - Parameter directory: the state directory.
    init(in directory: String) { path = "\(directory)/managers.json" }

    /// The managers; nil when no task has named any.
    ///
    /// - Throws: ``FileSet/Problem`` when the file is there and says nothing.
    func read() throws(FileSet.Problem) -> [String]? {
        guard let bytes = try FileSet.read(path) else { return nil }
        let hosts = (try? PropertyValue(json: bytes))?["managers"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !hosts.isEmpty else { throw FileSet.Problem(description: "\(path) names no managers") }
        return hosts
    }

    /// Writes them together with the other files of a change.
    func write(_ hosts: [String], in files: inout FileSet) throws(FileSet.Problem) {
        let object: PropertyValue = ["managers": .array(hosts.map { .string($0) })]
        try files.write(object.json, to: path)
    }
}
