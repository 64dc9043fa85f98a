/// The environment of a Cloudify agent's service. A variable that is set to nothing counts as not set.
struct DaemonVariables {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    subscript(variable: String) -> String? {
        environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    func integer(_ variable: String, fallback: Int) throws(ConfigurationError) -> Int {
        guard let text = self[variable] else { return fallback }
        guard let number = Int(text), number >= 0 else {
            throw error(variable, "\(OneLine.quoted(text)) is no number", remedy: "write a whole number from 0")
        }
        return number
    }

    func error(_ variable: String, _ message: String, remedy: String) -> ConfigurationError {
        ConfigurationError(key: nil, source: .environment(variable: variable), message: message, remedy: remedy)
    }
}
