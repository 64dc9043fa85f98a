/// A piece of a template that does something.
indirect enum TemplateNode {
    struct Branch {
        /// Nil for `else`.
        let condition: Expression?
        let body: [TemplateNode]
    }

    struct Loop {
        let targets: [String]
        let source: Expression
        let condition: Expression?
        let body: [TemplateNode]
        let otherwise: [TemplateNode]
    }

    case text(String)
    case output(Expression, line: Int)
    case choice([Branch], line: Int)
    case loop(Loop, line: Int)
    case set(targets: [String], Expression, line: Int)
    case capture(String, [TemplateNode], line: Int)
    case scope([(name: String, value: Expression)], [TemplateNode], line: Int)
}
