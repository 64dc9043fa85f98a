/// Where the value of a setting came from.
public enum SettingSource: Sendable, Hashable, CustomStringConvertible {
    /// Nobody gave a value; the default applies.
    case fallback
    /// A line of the configuration file. `line` is nil when the file as a whole is meant.
    case file(path: String, line: Int?)
    /// An environment variable.
    case environment(variable: String)
    /// A value in a JSON file of a Cloudify agent.
    case entry(path: String, key: String)
    /// The default of the Cloudify launch.
    case cloudify
    /// The command line.
    case commandLine(key: String)

    /// How errors name it: `operative.yaml:12`, `environment OPERATIVE_NAME`, `command line name`.
    public var description: String {
        switch self {
        case .fallback: "default"
        case .file(let path, .some(let line)): "\(path):\(line)"
        case .file(let path, .none): path
        case .environment(let variable): "environment \(variable)"
        case .entry(let path, let key): "\(path), \(key)"
        case .cloudify: "default of the Cloudify launch"
        case .commandLine(let key): "command line \(key)"
        }
    }

    /// Later layers win over earlier ones.
    var rank: Int {
        switch self {
        case .fallback: 0
        case .file, .entry, .cloudify: 1
        case .environment: 2
        case .commandLine: 3
        }
    }
}
