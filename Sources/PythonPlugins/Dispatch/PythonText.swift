internal import Operative

/// Values as Python's `str` writes them, as far as they stand in messages.
enum PythonText {
    static func of(_ value: PropertyValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .string(let text): text
        default: value.description
        }
    }
}
