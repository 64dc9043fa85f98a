package import Operative

/// A plugin as a blueprint, a task or a manager names it.
package struct PluginSpecification: Sendable, Hashable {
    /// The manager's id of it; nil when the sender does not know it.
    package var id: String?
    /// The name in the blueprint; nil when there is none.
    package var name: String?
    /// The name of the package; nil for a plugin that only has a source.
    package var packageName: String?
    /// The version of the package; nil for any.
    package var packageVersion: String?
    /// Where it comes from when no manager has it: a URL, or the name of a folder below `plugins` of the blueprint.
    package var source: String?
    /// Further arguments for pip.
    package var installArguments: [String] = []

    /// A plugin with a name and nothing else.
    package init(name: String?) { self.name = name }

    /// A plugin of a task's context. Texts that are empty are as good as absent.
    package init(_ info: PluginInfo) {
        name = Self.text(info.name)
        packageName = info.packageName.flatMap { Self.text($0) }
        packageVersion = info.packageVersion.flatMap { Self.text($0) }
        source = info.source.flatMap { Self.text($0) }
    }

    /// A plugin as it is sent to be installed.
    package init(_ value: PropertyValue) {
        func text(_ key: String) -> String? { value[key]?.stringValue.flatMap { Self.text($0) } }
        id = text("id")
        name = text("name")
        packageName = text("package_name")
        packageVersion = text("package_version")
        source = text("source")
        installArguments = (text("install_arguments") ?? "").split(whereSeparator: \.isWhitespace).map { String($0) }
    }

    /// What its directory is called and what people call it; nil when it has no name at all.
    package var label: String? { packageName ?? name }

    private static func text(_ text: String) -> String? { text.isEmpty ? nil : text }
}
