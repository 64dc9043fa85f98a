extension PropertyValue: Codable {
    /// Reads a value from any decoder.
    ///
    /// - Throws: `DecodingError` when the decoder holds something that JSON cannot express.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? PropertyValueDecoder {
            self = decoder.value
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .double(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let elements = try? container.decode([PropertyValue].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: PropertyValue].self))
        }
    }

    /// Writes the value to any encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .integer(let number): try container.encode(number)
        case .double(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .array(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }

    /// Turns a value of your own type into a property value.
    ///
    /// - Throws: `EncodingError` when a number does not fit, or whatever the type itself throws.
    public init(encoding value: some Encodable) throws {
        self = try PropertyValueEncoder.encode(value, path: [])
    }

    /// Turns the value into your own type.
    ///
    /// Whole floating-point numbers are accepted for integers and integers for floating-point numbers; nothing else is converted.
    ///
    /// - Throws: `DecodingError` whose description names the path, what was expected and what was found.
    public func decode<Result: Decodable>(as type: Result.Type = Result.self) throws -> Result {
        try PropertyValueDecoder(value: self, path: []).unwrap(type)
    }
}
