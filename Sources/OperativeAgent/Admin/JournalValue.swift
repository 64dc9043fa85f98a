internal import Journal
internal import Operative

/// How single values of the journal are shown.
enum JournalValue {
    /// What is no JSON is not shown: it could not be searched for secrets.
    static func content(_ bytes: [UInt8]) -> PropertyValue {
        guard !bytes.isEmpty else { return .null }
        guard let value = try? PropertyValue(json: bytes) else {
            return .string("[\(bytes.count) bytes that are not JSON]")
        }
        return SecretRedaction.redacted(value)
    }

    static func text(_ text: String?) -> PropertyValue {
        text.map { .string(SecretRedaction.redacted($0)) } ?? .null
    }

    static func moment(_ milliseconds: Int64?) -> PropertyValue {
        milliseconds.map { .string(UTCText.text($0)) } ?? .null
    }
}
