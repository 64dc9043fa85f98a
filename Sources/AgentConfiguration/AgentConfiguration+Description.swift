extension AgentConfiguration: CustomStringConvertible {
    /// All settings in force with their origin, secrets hidden; one line for each, in the form of the file.
    public var secretsRedacted: String {
        let lines = effectiveSettings.map { setting in
            (text: "\(setting.key): \(setting.value.map(OneLine.text) ?? "(not set)")", source: setting.source)
        }
        let width = min(lines.map(\.text.count).max() ?? 0, 60)
        return lines.map { line in
            let padding = String(repeating: " ", count: max(0, width - line.text.count))
            return "\(line.text)\(padding)  # \(line.source)"
        }.joined(separator: "\n")
    }

    /// The same as ``secretsRedacted``.
    public var description: String { secretsRedacted }
}
