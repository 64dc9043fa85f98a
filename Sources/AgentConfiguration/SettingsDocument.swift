/// Writes the table of settings for people: as help text, as the shipped configuration file and as a reference.
public enum SettingsDocument {
    /// The settings part of `operative run --help`.
    ///
    /// - Parameter width: The longest line wanted, in characters.
    public static func help(width: Int = 100) -> String {
        var lines: [String] = []
        for setting in Setting.all {
            lines.append("  \(setting.key)  <\(setting.kind.placeholder)>  default: \(setting.fallbackText)")
            lines += wrapped(setting.summary, width: width - 6).map { "      " + $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The text of `config/operative.yaml`: every setting with its default. Settings without a fixed default, and
    /// secrets, are commented out.
    public static func yaml() -> String {
        var lines = [
            "# Settings of the operation agent. The values below are the defaults.",
            "# Each can also be given by the environment variable that is named, or by --set key=value; the command",
            "# line wins over the environment, and the environment over this file.",
            "# Check your changes with: operative validate --config <this file>",
        ]
        var sections: [String] = []
        for setting in Setting.all {
            lines.append("")
            if setting.sections != sections {
                let common = zip(sections, setting.sections).prefix { $0 == $1 }.count
                for (depth, section) in setting.sections.enumerated().dropFirst(common) {
                    lines.append(indent(depth) + section + ":")
                }
                sections = setting.sections
            }
            lines += yamlLines(of: setting)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The reference part of `docs/configuration.md`: a section for every setting.
    public static func markdown() -> String {
        Setting.all.map(markdownSection).joined(separator: "\n")
    }

    private static func yamlLines(of setting: Setting) -> [String] {
        let margin = indent(setting.sections.count)
        let prefix = margin + "# "
        let text = setting.details.isEmpty ? setting.summary : "\(setting.summary) \(setting.details)"
        var lines = wrapped(text, width: 110 - prefix.count).map { prefix + $0 }
        lines.append("\(prefix)Takes: \(setting.kind.expectation)")
        lines.append("\(prefix)Environment: \(setting.environmentVariable)")
        if case .value(let text) = setting.fallback, !setting.isSecret {
            lines.append("\(margin)\(setting.lastComponent): \(text)")
        } else {
            lines.append("\(prefix)Default: \(setting.fallbackText)")
            lines.append("\(margin)#\(setting.lastComponent):")
        }
        return lines
    }

    private static func markdownSection(of setting: Setting) -> String {
        var lines = ["### `\(setting.key)`", "", setting.summary]
        if !setting.details.isEmpty { lines += ["", escaped(setting.details)] }
        lines += ["", "- Value: \(escaped(setting.kind.expectation))" + (setting.isSecret ? " (secret)" : "")]
        lines.append("- Default: \(shownDefault(setting))")
        lines.append("- Environment: `\(setting.environmentVariable)`")
        if !setting.seeAlso.isEmpty {
            lines.append("- See also: \(setting.seeAlso.map { "`\($0)`" }.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func shownDefault(_ setting: Setting) -> String {
        if case .value(let text) = setting.fallback { return "`\(text)`" }
        return setting.fallbackText
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("<", with: "&lt;")
    }

    private static func indent(_ depth: Int) -> String {
        String(repeating: "  ", count: depth)
    }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
