package import Operative

/// Renders the part of Jinja2 that deployments' templates use. What it does otherwise is listed in docs/ctx.md.
///
/// A template may come from anywhere: it reads no files, runs no code, and is stopped when it works or grows beyond ``TemplateLimits``.
package struct TemplateRenderer: Sendable {
    private let limits: TemplateLimits

    package init(limits: TemplateLimits = TemplateLimits()) { self.limits = limits }

    /// - Parameter variables: names that the template may use. A name that is not there is undefined, and renders as nothing.
    /// - Throws: ``NonRecoverableError`` naming the line for a template that is wrong or too large; else what fetching a variable throws.
    package func render(_ template: String, variables: [String: TemplateValue]) async throws -> String {
        do {
            guard template.utf8.count <= limits.templateBytes else {
                throw TemplateFault("it is larger than \(limits.templateBytes) bytes", line: nil)
            }
            var scanner = TemplateScanner(template)
            var parser = TemplateParser(parts: try scanner.parts())
            let nodes = try parser.parse()
            var run = TemplateRun(variables: variables, budget: TemplateBudget(limits))
            try await run.render(nodes)
            return run.text
        } catch let fault as TemplateFault {
            throw NonRecoverableError("The template cannot be rendered\(fault.place): \(fault.reason).")
        }
    }
}
