/// Turns the text of settings into typed values, and remembers what it gave out.
struct SettingReader {
    private let values: [String: SettingValue]
    /// Every setting that was read, with its value in force.
    private(set) var effective: [EffectiveSetting] = []

    init(_ values: [String: SettingValue]) {
        self.values = values
    }

    /// Where the value of a setting comes from.
    func source(of setting: Setting) -> SettingSource {
        values[setting.key]?.source ?? .fallback
    }

    /// An error about the value of a setting.
    func error(_ setting: Setting, _ message: String, remedy: String? = nil) -> ConfigurationError {
        ConfigurationError(
            key: setting.key, source: source(of: setting), message: message,
            remedy: remedy ?? "write \(setting.kind.expectation)")
    }

    /// The text of a setting that must have one; `derived` is asked when no layer gives it.
    mutating func text(
        _ setting: Setting,
        derived: () throws(ConfigurationError) -> String? = { () throws(ConfigurationError) in nil }
    ) throws(ConfigurationError) -> String {
        var text = try scalar(setting)
        if text == nil { text = try derived() }
        guard let text else {
            throw error(setting, "has no value", remedy: "set it")
        }
        guard !text.isEmpty else { throw error(setting, "is empty") }
        record(setting, text)
        return text
    }

    /// The text of a setting that may be absent; an empty text counts as absent.
    mutating func optionalText(_ setting: Setting) throws(ConfigurationError) -> String? {
        let text = try scalar(setting)
        let value = text?.isEmpty == true ? nil : text
        record(setting, value)
        return value
    }

    /// Whether a setting without a default was set; one that was not is noted as such.
    mutating func given(_ setting: Setting) -> Bool {
        guard values[setting.key] == nil else { return true }
        record(setting, nil)
        return false
    }

    mutating func boolean(_ setting: Setting) throws(ConfigurationError) -> Bool {
        try convert(setting) { text in
            switch text.lowercased() {
            case "true", "yes", "on": true
            case "false", "no", "off": false
            default: nil
            }
        }
    }

    mutating func integer(_ setting: Setting, derived: Int? = nil) throws(ConfigurationError) -> Int {
        guard case .integer(let range) = setting.kind else { return 0 }
        if let derived, values[setting.key] == nil {
            record(setting, String(derived))
            return derived
        }
        let number = try convert(setting) { Int($0) }
        return try check(setting, number, in: range)
    }

    mutating func duration(_ setting: Setting) throws(ConfigurationError) -> Duration {
        guard case .duration(let range) = setting.kind else { return .zero }
        let duration = try convert(setting, DurationText.parse)
        return try check(setting, duration, in: range)
    }

    mutating func size(_ setting: Setting) throws(ConfigurationError) -> Int {
        guard case .size(let range) = setting.kind else { return 0 }
        let size = try convert(setting, SizeText.parse)
        return try check(setting, size, in: range)
    }

    mutating func choice<Choice: RawRepresentable<String>>(
        _ setting: Setting
    ) throws(ConfigurationError) -> Choice {
        try convert(setting) { Choice(rawValue: $0) }
    }

    mutating func list(_ setting: Setting) throws(ConfigurationError) -> [String] {
        let elements: [String]
        if case .list(let list) = values[setting.key]?.content {
            elements = list
        } else {
            elements = (try scalar(setting) ?? "").split(separator: ",", omittingEmptySubsequences: false).map(
                String.init)
        }
        let trimmed = elements.map(Self.trimmed)
        guard !trimmed.isEmpty, trimmed.allSatisfy({ !$0.isEmpty }) else {
            throw error(setting, "is empty or has an empty element")
        }
        for element in trimmed { try refuseControlCharacters(setting, element) }
        record(setting, trimmed.joined(separator: ", "))
        return trimmed
    }

    private mutating func convert<Value>(
        _ setting: Setting,
        _ conversion: (String) -> Value?
    ) throws(ConfigurationError) -> Value {
        let text = try scalar(setting) ?? ""
        guard let value = conversion(text) else {
            throw error(setting, "\(OneLine.quoted(text)) does not fit")
        }
        record(setting, text)
        return value
    }

    private func check<Value>(
        _ setting: Setting,
        _ value: Value,
        in range: ClosedRange<Value>
    ) throws(ConfigurationError) -> Value {
        guard range.contains(value) else {
            let text = (try scalar(setting)) ?? ""
            throw error(setting, "\(OneLine.quoted(text)) is out of range")
        }
        return value
    }

    /// What the strongest layer wrote, else the fixed default.
    private func scalar(_ setting: Setting) throws(ConfigurationError) -> String? {
        guard let value = values[setting.key] else {
            if case .value(let text) = setting.fallback { return text }
            return nil
        }
        guard case .scalar(let text) = value.content else {
            throw error(setting, "takes one value, not a list")
        }
        try refuseControlCharacters(setting, text)
        return text
    }

    private func refuseControlCharacters(_ setting: Setting, _ text: String) throws(ConfigurationError) {
        guard !text.unicodeScalars.contains(where: OneLine.isControl) else {
            throw error(setting, "contains a control character or line break")
        }
    }

    private mutating func record(_ setting: Setting, _ value: String?) {
        let shown = setting.isSecret ? value.map { _ in Secret.placeholder } : value
        effective.append(EffectiveSetting(key: setting.key, value: shown, source: source(of: setting)))
    }

    private static func trimmed(_ text: String) -> String {
        let kept = text.drop { $0.isWhitespace }
        guard let last = kept.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(kept[...last])
    }
}
