package import Operative

/// What `ctx` asks of the agent.
package enum CtxRequest {
    /// What is wrong with a word of the command line.
    package struct WrongWord: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// The words as values: those that begin with the prefix are JSON.
    ///
    /// - Throws: ``WrongWord`` for one that is not JSON although it begins so.
    package static func values(_ words: [String], jsonPrefix: String) throws(WrongWord) -> [PropertyValue] {
        var values: [PropertyValue] = []
        for (index, word) in words.enumerated() {
            guard word.hasPrefix(jsonPrefix) else {
                values.append(.string(word))
                continue
            }
            do throws(JSONError) {
                values.append(unwrapped(try PropertyValue(json: Array(word.dropFirst(jsonPrefix.count).utf8))))
            } catch {
                throw WrongWord(
                    description:
                        "argument \(index + 1) begins with '\(jsonPrefix)' and is not JSON: \(error.reason) at byte \(error.offset)"
                        + " (text that begins so needs another --json-arg-prefix)")
            }
        }
        return values
    }

    /// The request's JSON text.
    ///
    /// - Parameter directory: where relative paths of files start.
    package static func body(_ values: [PropertyValue], directory: String?) -> [UInt8] {
        var members: [String: PropertyValue] = ["args": .array(values)]
        if let directory { members["directory"] = .string(directory) }
        return PropertyValue.object(members).json
    }

    /// What Python code cannot express in JSON comes wrapped, by Cloudify's `ctx-py`.
    private static func unwrapped(_ value: PropertyValue) -> PropertyValue {
        switch value {
        case .array(let elements): .array(elements.map(unwrapped))
        case .object(let members):
            members["__non_json_serializable_repr__"] ?? .object(members.mapValues(unwrapped))
        default: value
        }
    }
}
