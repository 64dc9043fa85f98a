internal import Operative
internal import PythonFormat

/// Values as sequences, the way Python sees them.
enum Sequences {
    /// The elements of an array, the keys of an object, the characters of a text.
    static func elements(of value: PropertyValue) throws -> [PropertyValue] {
        switch value {
        case .array(let elements): elements
        case .object(let members): members.keys.sorted().map { .string($0) }
        case .string(let text): text.unicodeScalars.map { .string(String($0)) }
        case .null: throw TemplateFault("None has no elements")
        case .bool, .integer, .double: throw TemplateFault("\(PythonText.string(value)) has no elements")
        }
    }

    /// The element at an index that may count from the end; nil when there is none.
    static func element(_ elements: [PropertyValue], at index: Int) -> PropertyValue? {
        let place = index < 0 ? elements.count &+ index : index
        guard elements.indices.contains(place) else { return nil }
        return elements[place]
    }

    static func slice(_ elements: [PropertyValue], from: Int?, to: Int?) -> [PropertyValue] {
        func place(_ index: Int) -> Int { min(max(index < 0 ? elements.count &+ index : index, 0), elements.count) }
        let start = place(from ?? 0)
        let end = place(to ?? elements.count)
        return start < end ? Array(elements[start..<end]) : []
    }
}
