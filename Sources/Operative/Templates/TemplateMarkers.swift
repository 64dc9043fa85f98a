/// What makes a text a template.
package enum TemplateMarkers {
    /// Whether `{{`, `{%` or `{#` occurs.
    package static func occur(in bytes: [UInt8]) -> Bool {
        var previous: UInt8 = 0
        for byte in bytes {
            if previous == UInt8(ascii: "{"), Self.second.contains(byte) { return true }
            previous = byte
        }
        return false
    }

    private static let second = [UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "#")]
}
