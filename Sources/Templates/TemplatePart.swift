/// A stretch of a template.
struct TemplatePart {
    enum Kind {
        case text(String)
        case output([Lexeme])
        case tag([Lexeme])
    }

    let kind: Kind
    let line: Int
}
