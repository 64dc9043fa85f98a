/// Identifiers for what comes without one.
package enum RandomIdentifier {
    /// A version 4 UUID in lower case.
    package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = (generator.next() & 0xffff_ffff_ffff_0fff) | 0x4000
        let low = (generator.next() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000
        let digits = Array((hexadecimal(high) + hexadecimal(low)).utf8)
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { String(decoding: digits[$0], as: UTF8.self) }.joined(separator: "-")
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
