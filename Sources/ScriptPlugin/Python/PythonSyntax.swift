/// What can be said without Python about whether a text is Python.
///
/// The original asks Python's own parser. That takes a process, so the texts that cannot be Python are recognised here: those that begin
/// with the way commands are written, `word word`, which no statement of Python is.
enum PythonSyntax {
    /// Whether the text is certainly not Python. False means that only Python can tell.
    static func isExcluded(_ source: String) -> Bool {
        guard let line = firstStatement(of: source) else { return false }
        var rest = line[...]
        guard let first = identifier(&rest), !keywords.contains(first), !softKeywords.contains(first) else {
            return false
        }
        let blanks = rest.prefix { $0 == " " || $0 == "\t" }
        guard !blanks.isEmpty else { return false }
        rest = rest.dropFirst(blanks.count)
        guard let next = rest.first else { return false }
        if next == "$" { return true }
        if next == "\"" || next == "'" || next.isNumber && next.isASCII { return true }
        guard let second = identifier(&rest) else { return false }
        return !keywords.contains(second)
    }

    /// The interpreter that the text's first line names, such as `/bin/bash -e`; nil when it names none.
    static func interpreter(of source: String) -> String? {
        guard source.hasPrefix("#!") else { return nil }
        let line = source.dropFirst(2).prefix { !$0.isNewline }
        let name = line.drop { $0 == " " || $0 == "\t" }
        return name.isEmpty ? nil : String(name)
    }

    /// Whether an interpreter, as ``interpreter(of:)`` gives it, is Python.
    static func isPython(interpreter: String) -> Bool {
        var words = interpreter.split { $0 == " " || $0 == "\t" }[...]
        func program() -> Substring { words.first?.split(separator: "/").last ?? "" }
        if program() == "env" {
            words = words.dropFirst().drop { $0.hasPrefix("-") || $0.contains("=") }
        }
        return program().hasPrefix("python") || program().hasPrefix("pypy")
    }

    private static func firstStatement(of source: String) -> String? {
        for line in source.split(whereSeparator: \.isNewline) {
            if line.allSatisfy({ $0 == " " || $0 == "\t" })
                || line.drop(while: { $0 == " " || $0 == "\t" }).hasPrefix("#")
            {
                continue
            }
            return String(line)
        }
        return nil
    }

    private static func identifier(_ rest: inout Substring) -> Substring? {
        let word = rest.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard let first = word.first, !first.isNumber else { return nil }
        rest = rest.dropFirst(word.count)
        return word
    }

    private static let keywords: Set<Substring> = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif",
        "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not",
        "or",
        "pass", "raise", "return", "try", "while", "with", "yield",
    ]
    /// Words that begin statements in some version of Python and are names otherwise.
    private static let softKeywords: Set<Substring> = ["match", "case", "type", "print", "exec"]
}
