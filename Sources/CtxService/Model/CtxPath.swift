internal import Operative

/// A way into nested values: `a.b[2].c`.
struct CtxPath {
    /// One step: a member, and perhaps an element of it.
    struct Step {
        let name: String
        let index: Int?
    }

    let text: String
    let steps: [Step]
    /// The last step as it was written. An index in it is part of the member's name when it is set, as in the original.
    let lastName: String

    init(_ text: String) {
        self.text = text
        let segments = text.split(separator: ".", omittingEmptySubsequences: false)
        steps = segments.map { Self.step(String($0)) }
        lastName = segments.last.map(String.init) ?? ""
    }

    /// The value there.
    func value(in root: [String: PropertyValue]) throws(CtxFault) -> PropertyValue {
        var current = PropertyValue.object(root)
        for step in steps {
            guard case .object(let members) = current, let member = members[step.name] else { throw illegal }
            current = try element(of: member, step)
        }
        return current
    }

    /// Sets the value there. Objects on the way are made when they are missing; elements of lists are not.
    func set(_ value: PropertyValue, in root: inout [String: PropertyValue]) throws(CtxFault) {
        try set(value, in: &root, steps[...])
    }

    private func set(
        _ value: PropertyValue, in members: inout [String: PropertyValue], _ rest: ArraySlice<Step>
    ) throws(CtxFault) {
        guard let step = rest.first, rest.count > 1 else {
            members[lastName] = value
            return
        }
        guard let index = step.index else {
            guard case .object(var below) = members[step.name] ?? .object([:]) else { throw illegal }
            try set(value, in: &below, rest.dropFirst())
            members[step.name] = .object(below)
            return
        }
        guard case .array(var elements)? = members[step.name] else { throw illegal }
        guard elements.indices.contains(index) else { throw Self.outOfRange }
        guard case .object(var below) = elements[index] else { throw illegal }
        try set(value, in: &below, rest.dropFirst())
        elements[index] = .object(below)
        members[step.name] = .array(elements)
    }

    private func element(of member: PropertyValue, _ step: Step) throws(CtxFault) -> PropertyValue {
        guard let index = step.index else { return member }
        guard case .array(let elements) = member else { throw illegal }
        guard elements.indices.contains(index) else { throw Self.outOfRange }
        return elements[index]
    }

    private var illegal: CtxFault { .runtime("illegal path: \(text)") }
    private static var outOfRange: CtxFault { CtxFault("IndexError", "list index out of range") }

    /// The last `[digits]` of a segment that has something in front is an index; what follows it does not count.
    private static func step(_ segment: String) -> Step {
        var search = segment[...]
        while let open = search.lastIndex(of: "["), open != segment.startIndex {
            let behind = segment[segment.index(after: open)...]
            if let close = behind.firstIndex(of: "]"), close != behind.startIndex,
                behind[..<close].utf8.allSatisfy({ (0x30...0x39).contains($0) })
            {
                return Step(name: String(segment[..<open]), index: Int(behind[..<close]) ?? .max)
            }
            search = segment[..<open]
        }
        return Step(name: segment, index: nil)
    }
}
