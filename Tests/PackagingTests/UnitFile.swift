/// A systemd unit file: the values of every key, in order, by section.
struct UnitFile {
    private var values: [String: [String]] = [:]

    init(_ text: String) {
        var section = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("[") {
                section = String(line.dropFirst().prefix { $0 != "]" })
            } else if !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") {
                values["\(section).\(line[..<equals])", default: []].append(String(line[line.index(after: equals)...]))
            }
        }
    }

    /// All values of a key, for example of `Service.Type`.
    subscript(key: String) -> [String] {
        values[key] ?? []
    }
}
