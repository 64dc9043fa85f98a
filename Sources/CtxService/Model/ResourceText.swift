internal import Operative

/// The content of a resource as text, which is all that an answer can carry.
enum ResourceText {
    enum Encoding {
        case utf8, base64

        init(_ arguments: CtxFunction.Arguments) throws(CtxFault) {
            switch try arguments.optionalText("encoding")?.lowercased() {
            case nil, "utf-8", "utf8": self = .utf8
            case "base64": self = .base64
            default: throw .value("\(arguments.function)(): argument 'encoding' must be utf-8 or base64")
            }
        }
    }

    static func text(_ bytes: [UInt8], of path: String, _ encoding: Encoding) throws(CtxFault) -> String {
        switch encoding {
        case .base64: return base64(bytes)
        case .utf8:
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CtxFault(
                    "UnicodeDecodeError",
                    "the resource '\(path)' is not UTF-8 text: use download-resource, or add @{\"encoding\": \"base64\"}"
                )
            }
            return text
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func base64(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for position in 0..<4 {
                result.append(position <= group.count ? alphabet[bits >> (18 - 6 * position) & 63] : 0x3D)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
