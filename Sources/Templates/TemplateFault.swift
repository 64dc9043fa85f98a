/// What is wrong with a template.
struct TemplateFault: Error {
    let reason: String
    /// From 1; nil when no line is to blame.
    var line: Int?

    init(_ reason: String, line: Int? = nil) {
        self.reason = reason
        self.line = line
    }

    var place: String { line.map { " (line \($0))" } ?? "" }
}
