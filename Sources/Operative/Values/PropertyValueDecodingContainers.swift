/// The members of an object, for a type that decodes by key.
struct KeyedPropertyContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: PropertyValue]
    let codingPath: [any CodingKey]

    var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try decoder(key, "a value").value.isNull }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try decoder(key, expectation(of: type)).unwrap(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try decoder(key, "an object").container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key, "an array").unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        let key = SuperKey()
        return PropertyValueDecoder(value: members[key.stringValue] ?? .null, path: codingPath + [key])
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key, "a value") }

    private func decoder(_ key: Key, _ expected: String) throws -> PropertyValueDecoder {
        guard let value = members[key.stringValue] else {
            let text = "expected \(expected), found nothing"
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: text))
        }
        return PropertyValueDecoder(value: value, path: codingPath + [key])
    }

    private func expectation(of type: any Decodable.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "a boolean"
        case is any FixedWidthInteger.Type: "an integer"
        case is any BinaryFloatingPoint.Type: "a number"
        default: "\(type)"
        }
    }
}

/// The elements of an array, for a type that decodes in order.
struct UnkeyedPropertyContainer: UnkeyedDecodingContainer {
    let elements: [PropertyValue]
    let codingPath: [any CodingKey]
    private(set) var currentIndex = 0

    init(elements: [PropertyValue], codingPath: [any CodingKey]) {
        self.elements = elements
        self.codingPath = codingPath
    }

    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try current().value.isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let result = try current().unwrap(type)
        currentIndex += 1
        return result
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try current().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try current().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try current()
        currentIndex += 1
        return decoder
    }

    private func current() throws -> PropertyValueDecoder {
        let path = codingPath + [IndexKey(currentIndex)]
        guard elements.indices.contains(currentIndex) else {
            let text = "expected element \(currentIndex), found the end of an array of \(elements.count)"
            throw DecodingError.valueNotFound(PropertyValue.self, .init(codingPath: path, debugDescription: text))
        }
        return PropertyValueDecoder(value: elements[currentIndex], path: path)
    }
}
