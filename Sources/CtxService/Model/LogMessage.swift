internal import Operative
internal import PythonFormat

/// A log message with its arguments filled in, as Python's `%` does it for texts and numbers.
enum LogMessage {
    /// - Returns: the message; arguments that it has no place for are put behind it, so that nothing is lost.
    static func text(_ message: PropertyValue, _ arguments: [PropertyValue]) -> String {
        let template = PythonText.string(message)
        guard !arguments.isEmpty else { return template }
        var rest = arguments[...]
        var result = ""
        var characters = template.unicodeScalars[...]
        while let scalar = characters.popFirst() {
            guard scalar == "%", let kind = characters.first else {
                result.unicodeScalars.append(scalar)
                continue
            }
            switch kind {
            case "%": result += "%"
            case "s", "d", "i", "f", "r":
                guard let argument = rest.popFirst() else { return template + behind(arguments) }
                result += kind == "r" ? PythonText.representation(argument) : PythonText.string(argument)
            default:
                result.unicodeScalars.append(scalar)
                continue
            }
            characters.removeFirst()
        }
        return result + behind(Array(rest))
    }

    private static func behind(_ arguments: [PropertyValue]) -> String {
        arguments.map { " " + PythonText.string($0) }.joined()
    }
}
