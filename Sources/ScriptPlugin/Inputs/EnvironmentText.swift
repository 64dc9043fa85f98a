import Operative
import PythonFormat

/// Values as scripts find them in their environment.
enum EnvironmentText {
    /// JSON for lists, objects and booleans, and what Python's `str()` gives for all others.
    static func of(_ value: PropertyValue) -> String {
        switch value {
        case .bool, .array, .object: String(decoding: PythonJSON.bytes(value), as: UTF8.self)
        case .null, .integer, .double, .string: PythonText.string(value)
        }
    }
}
