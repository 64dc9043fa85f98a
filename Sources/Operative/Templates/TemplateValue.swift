/// What a name in a template stands for.
package indirect enum TemplateValue: Sendable {
    /// A value.
    case value(PropertyValue)
    /// Something with attributes that is no value itself.
    case members([String: TemplateValue])
    /// A list of such things.
    case list([TemplateValue])
    /// Whatever this gives, called when a template asks.
    case later(@Sendable () async throws -> TemplateValue)

    /// A value that is fetched when a template asks.
    package static func fetched(_ load: @escaping @Sendable () async throws -> PropertyValue) -> TemplateValue {
        .later { .value(try await load()) }
    }
}
