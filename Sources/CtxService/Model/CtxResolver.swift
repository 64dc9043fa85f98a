internal import Operative
internal import PythonFormat

/// Walks a script's words over the context, from attribute to attribute, to what they mean.
struct CtxResolver: Sendable {
    let root: CtxObject

    /// What the words lead to, called when it is to be called.
    ///
    /// - Throws: ``CtxFault``, or the context's own errors.
    func resolve(_ words: [PropertyValue]) async throws -> CtxItem {
        var current = CtxItem.object(root)
        for (index, word) in words.enumerated() {
            if let attribute = try await attribute(word, of: current) {
                current = attribute
                continue
            }
            switch current {
            case .mapping(let mapping):
                return .value(try await access(mapping, words[index...]))
            case .function(let function):
                return try await finished(try await function.call(words[index...]))
            case .value, .object, .stop:
                throw CtxFault.runtime(
                    "\(PythonText.string(word)) cannot be processed in \(PythonText.representation(.array(words)))\(remedy(current))"
                )
            }
        }
        return try await finished(current)
    }

    private func finished(_ item: CtxItem) async throws -> CtxItem {
        guard case .function(let function) = item else { return item }
        return try await function.call([])
    }

    private func attribute(_ word: PropertyValue, of item: CtxItem) async throws -> CtxItem? {
        guard case .string(let name) = word else { return nil }
        for name in [name, String(name.map { $0 == "-" ? "_" : $0 })] {
            switch item {
            case .object(let object):
                if let attribute = object.attributes[name] { return try await attribute() }
            case .mapping(let mapping):
                if let method = mapping.method(name) { return .function(method) }
            case .value, .function, .stop: return nil
            }
        }
        return nil
    }

    private func access(_ mapping: CtxMapping, _ words: ArraySlice<PropertyValue>) async throws -> PropertyValue {
        guard words.count <= 2, let first = words.first else {
            throw CtxFault.runtime(
                "Illegal argument while accessing dict: a path reads, a path and a value set, and \(words.count) are given"
            )
        }
        guard case .string(let path) = first else {
            throw CtxFault.type("a path must be a string, not \(first.kindDescription): \(PythonText.string(first))")
        }
        guard words.count == 2, let value = words.last else { return try await mapping.get(path) }
        try await mapping.set(path, to: value)
        return .null
    }

    /// The original's message names no cure. Attributes are named for everything but the context, which has too many.
    private func remedy(_ item: CtxItem) -> String {
        guard case .object(let object) = item, object.type != root.type else { return "" }
        return ": \(object.type) has \(object.attributes.keys.sorted().joined(separator: ", "))"
    }
}
