/// A coding key for array elements.
struct IndexKey: CodingKey {
    let index: Int

    init(_ index: Int) { self.index = index }
    init?(intValue: Int) { self.init(intValue) }
    init?(stringValue: String) { return nil }

    var intValue: Int? { index }
    var stringValue: String { "[\(index)]" }
}

/// A coding key for the value of a superclass.
struct SuperKey: CodingKey {
    init() {}
    init?(intValue: Int) { return nil }
    init?(stringValue: String) { return nil }

    var intValue: Int? { nil }
    var stringValue: String { "super" }
}

/// The path as authors write it, such as `listen.ports[0]`.
func pathDescription(_ path: [any CodingKey]) -> String {
    var text = ""
    for key in path {
        if let key = key as? IndexKey {
            text += key.stringValue
        } else {
            text += text.isEmpty ? key.stringValue : "." + key.stringValue
        }
    }
    return text
}
