internal import Operative

/// A JSON object in a file that `cfy-agent` writes too: what is not changed stays as it is.
struct DaemonFile {
    let path: String
    private(set) var members: [String: PropertyValue]

    /// Nil when there is no such file.
    init?(_ path: String) throws(FileSet.Problem) {
        guard let bytes = try FileSet.read(path) else { return nil }
        guard let members = (try? PropertyValue(json: bytes))?.objectValue else {
            throw FileSet.Problem(description: "\(path) is no JSON object")
        }
        self.path = path
        self.members = members
    }

    subscript(key: String) -> PropertyValue? {
        get { members[key] }
        set { members[key] = newValue }
    }

    /// A text that is not empty; nil for anything else.
    func text(_ key: String) -> String? {
        members[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// One line for each member, as the original has it.
    var bytes: [UInt8] {
        var text = "{"
        for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            text += index == 0 ? "\n " : ",\n "
            text += PropertyValue.string(member.key).jsonString + ": " + member.value.jsonString
        }
        return Array((text + "\n}\n").utf8)
    }
}
