internal import Crypto
internal import FoundationEssentials

/// Signature Version 4 of a request with a form as its body.
struct RequestSignature {
    static let contentType = "application/x-www-form-urlencoded; charset=utf-8"

    let connection: EC2Connection
    let body: String
    let date: Date

    /// The headers of the signed request.
    var headers: [(name: String, value: String)] {
        var signed = [("content-type", Self.contentType), ("host", connection.host), ("x-amz-date", timestamp)]
        if let token = connection.credentials.sessionToken { signed.append(("x-amz-security-token", token)) }
        let names = signed.map(\.0).joined(separator: ";")
        let canonical =
            "POST\n/\n\n" + signed.map { "\($0.0):\($0.1)\n" }.joined() + "\n\(names)\n\(Self.hash(body))"
        let scope = "\(timestamp.prefix(8))/\(connection.region)/ec2/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(timestamp)\n\(scope)\n\(Self.hash(canonical))"
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(connection.credentials.accessKeyID)/\(scope), SignedHeaders=\(names), "
            + "Signature=\(Self.hexadecimal(Self.authenticate(text, with: key)))"
        return signed + [("authorization", authorization)]
    }

    private var timestamp: String {
        date.formatted(
            Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted, timeZone: .gmt))
    }

    private var key: SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(connection.credentials.secretAccessKey)".utf8))
        for part in [String(timestamp.prefix(8)), connection.region, "ec2", "aws4_request"] {
            key = SymmetricKey(data: Self.authenticate(part, with: key))
        }
        return key
    }

    private static func authenticate(_ text: String, with key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }

    private static func hash(_ text: String) -> String { hexadecimal(SHA256.hash(data: Array(text.utf8))) }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
