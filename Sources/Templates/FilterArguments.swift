internal import Operative

/// What a filter is called with.
struct FilterArguments {
    private var positional: [PropertyValue]
    private var named: [String: PropertyValue] = [:]

    init(_ arguments: Expression.Arguments, run: inout TemplateRun) async throws {
        positional = try await run.positional(arguments)
        for (name, expression) in arguments.named { named[name] = try await run.data(of: expression) }
    }

    /// The argument by its place or its name; nil when it is not given.
    func value(_ index: Int, _ name: String) throws -> PropertyValue? {
        index < positional.count ? positional[index] : named[name]
    }
}
