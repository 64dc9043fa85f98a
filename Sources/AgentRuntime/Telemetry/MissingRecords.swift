internal import Operative

/// The log record that says how many records are missing at its place.
enum MissingRecords {
    /// What remains of a log record or event that is dropped: whose it was and when, without its text.
    static func remnant(of body: [UInt8]) -> [UInt8] { rewritten(body, text: "") }

    /// The record to send. `cause` says why they are missing.
    static func declaration(
        _ count: Int, from body: [UInt8], cause: String = "the telemetry spool was full"
    ) -> [UInt8] {
        rewritten(body, text: text(count, cause: cause))
    }

    static func text(_ count: Int, cause: String) -> String {
        "\(count) record\(count == 1 ? "" : "s") missing here: \(cause)"
    }

    private static func rewritten(_ body: [UInt8], text: String) -> [UInt8] {
        var record: [String: PropertyValue] = [
            "logger": "ctx", "level": "warning", "message": ["text": .string(text)], "message_code": .null,
            "type": "cloudify_log",
        ]
        let original = try? PropertyValue(json: body)
        for key in ["context", "logger", "timestamp"] {
            if let value = original?[key] { record[key] = value }
        }
        return PropertyValue.object(record).json
    }
}
