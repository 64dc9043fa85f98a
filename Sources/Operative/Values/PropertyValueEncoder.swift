/// Encodes Swift values into a ``PropertyValue``.
///
/// The encoder is a node of a tree that is still being built: a container handed out by an encoder may be written to
/// long after it was requested, so the value is assembled when everything has been written.
final class PropertyValueEncoder: Encoder {
    private enum Content {
        case nothing
        case value(PropertyValue)
        case array([PropertyValueEncoder])
        case object([String: PropertyValueEncoder])
    }

    let codingPath: [any CodingKey]
    private var content = Content.nothing

    init(path: [any CodingKey]) { codingPath = path }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func encode(_ value: some Encodable, path: [any CodingKey]) throws -> PropertyValue {
        if let value = value as? PropertyValue { return value }
        if let members = value as? [String: PropertyValue] { return .object(members) }
        let encoder = PropertyValueEncoder(path: path)
        try value.encode(to: encoder)
        return encoder.result ?? .object([:])
    }

    /// What has been written; `nil` when nothing has.
    private var result: PropertyValue? {
        switch content {
        case .nothing: nil
        case .value(let value): value
        case .array(let elements): .array(elements.map { $0.result ?? .object([:]) })
        case .object(let members): .object(members.mapValues { $0.result ?? .object([:]) })
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        becomeObject()
        return KeyedEncodingContainer(KeyedPropertyEncodingContainer<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .array = content {} else { content = .array([]) }
        return UnkeyedPropertyEncodingContainer(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SinglePropertyEncodingContainer(encoder: self) }

    func store(_ value: PropertyValue) { content = .value(value) }

    var count: Int {
        guard case .array(let elements) = content else { return 0 }
        return elements.count
    }

    /// A new member; writing the same key again replaces it.
    func member(_ key: some CodingKey) -> PropertyValueEncoder {
        becomeObject()
        let encoder = PropertyValueEncoder(path: codingPath + [key])
        guard case .object(var members) = content else { return encoder }
        content = .nothing
        members[key.stringValue] = encoder
        content = .object(members)
        return encoder
    }

    /// A new element at the end.
    func element() -> PropertyValueEncoder {
        let encoder = PropertyValueEncoder(path: codingPath + [IndexKey(count)])
        guard case .array(var elements) = content else {
            content = .array([encoder])
            return encoder
        }
        content = .nothing
        elements.append(encoder)
        content = .array(elements)
        return encoder
    }

    private func becomeObject() {
        if case .object = content {} else { content = .object([:]) }
    }
}
