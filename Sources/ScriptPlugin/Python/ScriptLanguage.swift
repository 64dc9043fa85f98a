/// Who runs a script.
enum ScriptLanguage: Sendable, Hashable {
    /// A process of its own: the shell, or the interpreter in its first line.
    case command
    /// Python, with `ctx` as an object.
    case python
    /// Python, if the text is Python, which only Python can tell.
    case pythonIfValid(source: String)

    init(_ origin: ScriptOrigin, _ evaluation: ProcessOptions.Evaluation) {
        switch evaluation {
        case .byPython: self = .python
        case .byCommand: self = .command
        case .asItIs: self = Self.language(of: origin)
        }
    }

    private static func language(of origin: ScriptOrigin) -> ScriptLanguage {
        guard case .source(let source) = origin else {
            return ScriptCommand.pathExtension(origin.fileName) == ".py" ? .python : .command
        }
        if let interpreter = PythonSyntax.interpreter(of: source) {
            return PythonSyntax.isPython(interpreter: interpreter) ? .pythonIfValid(source: source) : .command
        }
        return PythonSyntax.isExcluded(source) ? .command : .pythonIfValid(source: source)
    }
}
