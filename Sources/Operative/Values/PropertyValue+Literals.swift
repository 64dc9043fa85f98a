extension PropertyValue: ExpressibleByNilLiteral {
    /// `nil` stands for ``null``.
    public init(nilLiteral: ()) { self = .null }
}

extension PropertyValue: ExpressibleByBooleanLiteral {
    /// Creates a ``bool(_:)``.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension PropertyValue: ExpressibleByIntegerLiteral {
    /// Creates an ``integer(_:)``.
    public init(integerLiteral value: Int) { self = .integer(value) }
}

extension PropertyValue: ExpressibleByFloatLiteral {
    /// Creates a ``double(_:)``.
    public init(floatLiteral value: Double) { self = .double(value) }
}

extension PropertyValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Creates a ``string(_:)``.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension PropertyValue: ExpressibleByArrayLiteral {
    /// Creates an ``array(_:)``.
    public init(arrayLiteral elements: PropertyValue...) { self = .array(elements) }
}

extension PropertyValue: ExpressibleByDictionaryLiteral {
    /// Creates an ``object(_:)``. Of equal names the last wins.
    public init(dictionaryLiteral members: (String, PropertyValue)...) {
        self = .object(Dictionary(members) { _, last in last })
    }
}
