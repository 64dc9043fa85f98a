/// JSON text in ASCII, for readers that decode it by the machine's locale.
enum ASCIIText {
    /// The same JSON with everything beyond ASCII as `\u` escapes; such characters stand in strings only.
    static func of(_ json: [UInt8]) -> [UInt8] {
        guard json.contains(where: { $0 >= 0x80 }) else { return json }
        var result: [UInt8] = []
        result.reserveCapacity(json.count * 2)
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            if scalar.isASCII {
                result.append(UInt8(scalar.value))
            } else {
                for unit in String(scalar).utf16 { appendEscape(unit, to: &result) }
            }
        }
        return result
    }

    private static func appendEscape(_ unit: UInt16, to result: inout [UInt8]) {
        result += "\\u".utf8
        for shift in [12, 8, 4, 0] as [UInt16] {
            let digit = UInt8(unit >> shift & 0xF)
            result.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
