/// A version of a Python package, in the order that Python's own tools put versions in (PEP 440).
///
/// Every text is a version: one that the rules do not allow comes before all that they do, ordered by its text, so that a directory with an
/// odd name hides no plugin.
package struct PythonVersionNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The text it was read from.
    package let description: String
    private let key: Key?

    /// Reads a version.
    package init(_ text: String) {
        description = text
        var reader = PythonVersionReader(text)
        key = reader.read()
    }

    /// Whether the text follows the rules.
    package var isValid: Bool { key != nil }

    package static func == (left: Self, right: Self) -> Bool {
        guard let first = left.key, let second = right.key else {
            return left.key == nil && right.key == nil && left.description == right.description
        }
        return first == second
    }

    package func hash(into hasher: inout Hasher) {
        if let key { hasher.combine(key) } else { hasher.combine(description) }
    }

    package static func < (left: Self, right: Self) -> Bool {
        switch (left.key, right.key) {
        case (let first?, let second?): first < second
        case (nil, nil): left.description < right.description
        case (nil, _?): true
        case (_?, nil): false
        }
    }
}

extension PythonVersionNumber {
    /// What versions are compared by, the most important part first.
    struct Key: Hashable, Comparable {
        /// Where a version without this part stands among those that have it is said by the part itself.
        enum Part: Hashable, Comparable {
            case lowest
            case number(String, Int)
            case highest
        }

        enum LocalPart: Hashable, Comparable {
            case text(String)
            case number(Int)
        }

        let epoch: Int
        /// Without trailing zeros.
        let release: [Int]
        let pre: Part
        let post: Part
        let development: Part
        /// Nil without one, which comes first.
        let local: [LocalPart]?

        static func < (left: Self, right: Self) -> Bool {
            if left.epoch != right.epoch { return left.epoch < right.epoch }
            if left.release != right.release { return left.release.lexicographicallyPrecedes(right.release) }
            if left.pre != right.pre { return left.pre < right.pre }
            if left.post != right.post { return left.post < right.post }
            if left.development != right.development { return left.development < right.development }
            guard let second = right.local else { return false }
            guard let first = left.local else { return true }
            return first.lexicographicallyPrecedes(second)
        }
    }
}
