/// A value of the kind that travels in messages: inputs, properties, runtime properties, results.
///
/// It is what JSON can express, with integers kept apart from floating-point numbers. Write one as a literal,
/// read one with the accessors, or turn it into your own type with ``decode(as:)``:
///
/// ```swift
/// let listen: PropertyValue = ["host": "localhost", "port": 8080]
/// listen["port"]?.intValue        // 8080
/// ```
public enum PropertyValue: Sendable, Hashable {
    /// No value.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number. A number too large for `Int` is read as ``double(_:)``.
    case integer(Int)
    /// A floating-point number, possibly infinite or not a number.
    case double(Double)
    /// Text.
    case string(String)
    /// An ordered list.
    case array([PropertyValue])
    /// Values by name.
    case object([String: PropertyValue])
}

extension PropertyValue {
    /// The member called `key`; `nil` when there is none or the value is not an object.
    public subscript(key: String) -> PropertyValue? { objectValue?[key] }

    /// The element at `index`; `nil` when there is none or the value is not an array.
    public subscript(index: Int) -> PropertyValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// Whether the value is ``null``.
    public var isNull: Bool { self == .null }

    /// The text; `nil` when the value is something else.
    public var stringValue: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The whole number, also of a floating-point number without fraction; `nil` when the value is something else.
    public var intValue: Int? {
        switch self {
        case .integer(let number): number
        case .double(let number): Int(exactly: number)
        default: nil
        }
    }

    /// The number, whole or not; `nil` when the value is something else.
    public var doubleValue: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// The flag; `nil` when the value is something else.
    public var boolValue: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    /// The elements; `nil` when the value is something else.
    public var arrayValue: [PropertyValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members; `nil` when the value is something else.
    public var objectValue: [String: PropertyValue]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// What the value is, as a reader of an error message would call it.
    package var kindDescription: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
