/// The values of all layers, the strongest one for every key.
struct SettingLayers {
    private(set) var values: [String: SettingValue] = [:]
    /// Remarks about things that look wrong but stop nothing.
    private(set) var notices: [String] = []

    /// Variables with our prefix that are not settings; the command line knows them.
    private static let otherVariables: Set<String> = ["OPERATIVE_CONFIG"]

    /// Puts the layers on top of each other: what a Cloudify service says, then file, environment and command line.
    init(
        daemon: CloudifyDaemon? = nil,
        file: String?,
        environment: [String: String],
        overrides: [String: String]
    ) throws(ConfigurationError) {
        values = daemon?.settings ?? [:]
        if let file {
            values.merge(try ConfigurationFile(reading: file).values) { $1 }
        }
        addEnvironment(environment)
        values.merge(daemon?.arguments ?? [:]) { $1 }
        try addOverrides(overrides)
    }

    private mutating func addEnvironment(_ environment: [String: String]) {
        var unused = Set(environment.keys.filter { $0.hasPrefix(Setting.environmentPrefix) })
        unused.subtract(Self.otherVariables)
        for setting in Setting.all {
            let variable = setting.environmentVariable
            unused.remove(variable)
            // Service managers and container tools set a variable to nothing to say that it is not set.
            guard let text = environment[variable], !text.isEmpty else { continue }
            values[setting.key] = SettingValue(text, source: .environment(variable: variable))
        }
        // Not an error: Kubernetes, for one, sets OPERATIVE_PORT by itself for a service of that name.
        let known = Setting.all.map(\.environmentVariable)
        for variable in unused.sorted() {
            let question = NearMatches.question(for: variable, among: known)
            notices.append(OneLine.text("environment variable \(variable) is no setting\(question)"))
        }
    }

    private mutating func addOverrides(_ overrides: [String: String]) throws(ConfigurationError) {
        for (key, text) in overrides.sorted(by: { $0.key < $1.key }) {
            let source = SettingSource.commandLine(key: OneLine.text(key))
            guard let setting = Setting.byKey[key] else {
                let question = NearMatches.question(for: key, among: Setting.all.map(\.key))
                throw ConfigurationError(
                    key: nil, source: source, message: "unknown setting \(OneLine.quoted(key))\(question)",
                    remedy: "correct or remove it; docs/configuration.md lists all settings")
            }
            guard !setting.isSecret else {
                throw ConfigurationError(
                    key: key, source: source, message: "is secret, and every user can read a command line",
                    remedy: "use broker.password_file or the environment variable \(setting.environmentVariable)")
            }
            values[key] = SettingValue(text, source: source)
        }
    }
}
