internal import AgentConfiguration

/// The settings as the help of `run` lists them.
enum SettingsHelp {
    static let text = Setting.all.map { "  \($0.key)  \($0.summary) (default: \($0.fallbackText))" }
        .joined(separator: "\n")
}
