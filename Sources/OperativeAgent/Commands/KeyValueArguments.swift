internal import ArgumentParser
internal import Operative

/// Values on the command line.
enum KeyValueArguments {
    /// One object out of a JSON object and single `key=value` pairs; a pair wins over the object.
    static func merge(
        object: String?, pairs: [String], objectFlag: String, pairFlag: String
    ) throws -> [String: PropertyValue] {
        var result: [String: PropertyValue] = [:]
        if let object {
            guard let parsed = try? PropertyValue(json: Array(object.utf8)), let members = parsed.objectValue else {
                throw ValidationError("\(objectFlag): expected a JSON object such as '{\"port\": 8080}'.")
            }
            result = members
        }
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw ValidationError("\(pairFlag) '\(pair)': expected key=value.")
            }
            result[String(parts[0])] = value(String(parts[1]))
        }
        return result
    }

    /// JSON where it is JSON, else the text itself: `8080` is a number, `true` a truth value, `hello` a text.
    private static func value(_ text: String) -> PropertyValue {
        (try? PropertyValue(json: Array(text.utf8))) ?? .string(text)
    }
}
