/// A value as a layer gives it, before it is known to be good.
struct SettingValue: Sendable, Hashable {
    /// What was written.
    enum Content: Sendable, Hashable {
        case scalar(String)
        case list([String])
    }

    let content: Content
    let source: SettingSource

    init(_ text: String, source: SettingSource) {
        self.content = .scalar(text)
        self.source = source
    }

    init(list: [String], source: SettingSource) {
        self.content = .list(list)
        self.source = source
    }
}
