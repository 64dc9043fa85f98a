/// Where a script comes from.
enum ScriptOrigin: Sendable, Hashable {
    /// An address, with the PEM text of the certificate authority that its server is checked against; nil for those of the system.
    case web(url: String, certificateAuthority: String?)
    /// A file of this machine.
    case file(path: String)
    /// A resource of the deployment or the blueprint.
    case resource(path: String)
    /// The text itself, without the blanks that all of its lines begin with.
    case source(String)

    /// - Parameter path: the input `script_path`.
    init(path: String, certificateAuthority: String?) {
        let parts = path.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        switch parts.first {
        case "http", "https": self = .web(url: path, certificateAuthority: certificateAuthority)
        case "file" where parts.count > 1: self = .file(path: String(parts[1]))
        default: self = .resource(path: path)
        }
    }

    /// The name of the script's file. What a shell would not take for part of a word is replaced, since the name becomes part of a command.
    var fileName: String {
        switch self {
        case .web(let path, _), .file(let path), .resource(let path): Self.fileName(path)
        case .source: "script.sh"
        }
    }

    private static func fileName(_ path: String) -> String {
        let last = path.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last ?? ""
        var name = String(last.map { isPlain($0) ? $0 : "_" })
        while name.utf8.count > 200 { name.removeFirst() }
        return name.isEmpty || name == "." || name == ".." ? "script" : name
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "._-+@%,:=".contains(character)
    }
}
