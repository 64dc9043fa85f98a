import Yams

/// Reads the YAML file into setting values, each with its line.
///
/// Keys may be nested (`broker:` then `port:`) or dotted (`broker.port:`). Everything that is not a setting is refused.
struct ConfigurationFile {
    private let path: String
    private(set) var values: [String: SettingValue] = [:]

    private static let sizeLimit = 1 << 20

    /// Reads a file.
    ///
    /// - Throws: When it cannot be read, is no YAML, or contains a key twice or one that is no setting.
    init(reading path: String) throws(ConfigurationError) {
        self.path = path
        let bytes: [UInt8]
        do {
            bytes = try LocalFile.read(path, limit: Self.sizeLimit).bytes
        } catch {
            throw fileError(
                error.message, line: nil,
                remedy: "name a readable file with --config, or leave it out to use defaults and the environment")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw fileError("is not UTF-8 text", line: nil, remedy: "save it as UTF-8")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw yamlError(error)
        }
        if let root, !Self.isNull(root) { try collect(root, sections: []) }
    }

    private mutating func collect(_ node: Node, sections: [String]) throws(ConfigurationError) {
        guard case .mapping(let mapping) = node else {
            throw fileError(
                "does not start with keys", line: node.mark?.line,
                remedy: "write settings as \"key: value\", one on each line")
        }
        for (keyNode, value) in mapping {
            let line = (keyNode.mark ?? value.mark)?.line
            guard case .scalar(let scalar) = keyNode else {
                throw fileError("has a key that is not a word", line: line, remedy: "write settings as \"key: value\"")
            }
            let key = (sections + [scalar.string]).joined(separator: ".")
            if let setting = Setting.byKey[key] {
                try add(setting, value, line: line)
            } else if Self.isSection(key) {
                try collectSection(key, value, line: line)
            } else {
                throw unknown(key, line: line)
            }
        }
    }

    private mutating func collectSection(_ key: String, _ value: Node, line: Int?) throws(ConfigurationError) {
        // A section whose settings are all commented out is null, and harmless.
        if Self.isNull(value) { return }
        guard case .mapping = value else {
            throw ConfigurationError(
                key: key, source: .file(path: path, line: line), message: "is a section and takes no value",
                remedy: "write its settings indented below it")
        }
        try collect(value, sections: [key])
    }

    private mutating func add(_ setting: Setting, _ node: Node, line: Int?) throws(ConfigurationError) {
        let source = SettingSource.file(path: path, line: line)
        func wrong(_ message: String) -> ConfigurationError {
            ConfigurationError(
                key: setting.key, source: source, message: message, remedy: "write \(setting.kind.expectation)")
        }
        if let earlier = values[setting.key] {
            throw ConfigurationError(
                key: setting.key, source: source, message: "is set a second time (first: \(earlier.source))",
                remedy: "keep one of the two")
        }
        switch node {
        case .scalar(let scalar):
            guard !Self.isNull(node) else {
                throw ConfigurationError(
                    key: setting.key, source: source, message: "has no value",
                    remedy: "write \(setting.kind.expectation), or remove the line to use the default")
            }
            values[setting.key] = SettingValue(scalar.string, source: source)
        case .sequence(let sequence):
            guard setting.kind == .list else { throw wrong("takes one value, not a list") }
            var elements: [String] = []
            for element in sequence {
                guard case .scalar(let scalar) = element else { throw wrong("has an element that is not a text") }
                elements.append(scalar.string)
            }
            values[setting.key] = SettingValue(list: elements, source: source)
        case .mapping:
            throw wrong("takes a value, not a section")
        case .alias:
            throw wrong("refers to an unknown anchor")
        }
    }

    private func unknown(_ key: String, line: Int?) -> ConfigurationError {
        let question = NearMatches.question(for: key, among: Setting.all.map(\.key))
        return ConfigurationError(
            key: nil, source: .file(path: path, line: line),
            message: "unknown setting \(OneLine.quoted(key))\(question)",
            remedy: "correct or remove it; docs/configuration.md lists all settings")
    }

    private func fileError(_ message: String, line: Int?, remedy: String) -> ConfigurationError {
        ConfigurationError(key: nil, source: .file(path: path, line: line), message: message, remedy: remedy)
    }

    private func yamlError(_ error: any Error) -> ConfigurationError {
        let remedy = "correct the YAML; settings are written as \"key: value\", one on each line"
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return fileError("is not YAML: \(problem)", line: mark.line, remedy: remedy)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return fileError(
                "has a key twice in one section: \(duplicates.joined(separator: ", "))", line: context.mark.line,
                remedy: "keep one of them")
        case .reader(let problem, _, _, _):
            return fileError("is not YAML: \(problem)", line: nil, remedy: remedy)
        default:
            return fileError("is not YAML", line: nil, remedy: remedy)
        }
    }

    private static func isSection(_ key: String) -> Bool {
        Setting.all.contains { $0.key.hasPrefix(key + ".") }
    }

    private static func isNull(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
