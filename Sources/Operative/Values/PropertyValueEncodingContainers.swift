/// Writes the members of an object.
struct KeyedPropertyEncodingContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: PropertyValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    mutating func encodeNil(forKey key: Key) throws { encoder.member(key).store(.null) }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        let member = encoder.member(key)
        member.store(try PropertyValueEncoder.encode(value, path: member.codingPath))
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        encoder.member(key).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.member(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { encoder.member(SuperKey()) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { encoder.member(key) }
}

/// Writes the elements of an array.
struct UnkeyedPropertyEncodingContainer: UnkeyedEncodingContainer {
    let encoder: PropertyValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.count }

    mutating func encodeNil() throws { encoder.element().store(.null) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        let element = encoder.element()
        element.store(try PropertyValueEncoder.encode(value, path: element.codingPath))
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        encoder.element().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.element().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { encoder.element() }
}

/// Writes one value.
struct SinglePropertyEncodingContainer: SingleValueEncodingContainer {
    let encoder: PropertyValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    mutating func encodeNil() throws { encoder.store(.null) }
    mutating func encode(_ value: Bool) throws { encoder.store(.bool(value)) }
    mutating func encode(_ value: String) throws { encoder.store(.string(value)) }
    mutating func encode(_ value: Double) throws { encoder.store(.double(value)) }
    // By way of the decimal text: 0.1 stays 0.1.
    mutating func encode(_ value: Float) throws { encoder.store(.double(Double(value.description) ?? Double(value))) }
    mutating func encode(_ value: Int) throws { encoder.store(.integer(value)) }
    mutating func encode(_ value: Int8) throws { try integer(value) }
    mutating func encode(_ value: Int16) throws { try integer(value) }
    mutating func encode(_ value: Int32) throws { try integer(value) }
    mutating func encode(_ value: Int64) throws { try integer(value) }
    mutating func encode(_ value: UInt) throws { try integer(value) }
    mutating func encode(_ value: UInt8) throws { try integer(value) }
    mutating func encode(_ value: UInt16) throws { try integer(value) }
    mutating func encode(_ value: UInt32) throws { try integer(value) }
    mutating func encode(_ value: UInt64) throws { try integer(value) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        encoder.store(try PropertyValueEncoder.encode(value, path: encoder.codingPath))
    }

    private func integer(_ value: some FixedWidthInteger) throws {
        guard let number = Int(exactly: value) else {
            let text = "\(value) is beyond the range of property values (\(Int.min) to \(Int.max))"
            throw EncodingError.invalidValue(value, .init(codingPath: encoder.codingPath, debugDescription: text))
        }
        encoder.store(.integer(number))
    }
}
