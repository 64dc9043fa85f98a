/// Names and values as parts of a URL.
enum URLText {
    /// A path segment: everything but letters, digits and `-._~` is escaped, also slashes.
    static func segment(_ text: String) -> String { escaped(text, space: nil) }

    /// A path whose slashes separate segments.
    static func path(_ text: String) -> String {
        text.split(separator: "/", omittingEmptySubsequences: false).map { segment(String($0)) }.joined(separator: "/")
    }

    /// A query as a Python client writes it: spaces as `+`.
    static func query(_ items: [(name: String, value: String)]) -> String {
        items.map { escaped($0.name, space: "+") + "=" + escaped($0.value, space: "+") }.joined(separator: "&")
    }

    private static func escaped(_ text: String, space: String?) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " ") where space != nil:
                result += space ?? ""
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return result
    }
}
