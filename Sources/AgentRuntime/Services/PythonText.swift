/// Text in the form in which the Cloudify agent's service errors show it.
enum PythonText {
    /// The text as Python's `repr` shows a string.
    static func quoted(_ text: String) -> String {
        let quote: Character = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "'" where quote == "'": result += "\\'"
            default: result.unicodeScalars.append(character)
            }
        }
        result.append(quote)
        return result
    }
}
