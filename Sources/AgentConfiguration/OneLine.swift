/// Keeps text from outside on one line of output.
enum OneLine {
    /// The text with control characters and line separators written as escapes.
    static func text(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text in quotes, shortened when it is very long.
    static func quoted(_ text: String) -> String {
        let limit = 80
        let shown = text.count > limit ? text.prefix(limit) + "…" : text[...]
        return "\"\(OneLine.text(String(shown)))\""
    }

    /// Whether a scalar could break a line or steer a terminal.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
