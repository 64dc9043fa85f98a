/// An HTTP response that ends with its connection, or has its length in front.
package enum HTTPAnswer {
    /// The body of a response.
    ///
    /// - Throws: unless it is whole and its status is 200.
    package static func body(_ bytes: [UInt8]) throws(SystemError) -> [UInt8] {
        guard !bytes.isEmpty else {
            throw SystemError("the connection was closed without an answer: the operation has ended")
        }
        guard let (head, start) = head(bytes) else { throw SystemError("the answer is not HTTP") }
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1.") else { throw SystemError("the answer is not HTTP") }
        guard words[1] == "200" else {
            throw SystemError("the request was refused: \(words[1...].joined(separator: " "))")
        }
        let body = bytes[start...]
        for line in lines.dropFirst() where line.lowercased().hasPrefix("content-length:") {
            let digits = line.dropFirst("content-length:".count).filter { $0 != " " && $0 != "\t" }
            guard let length = Int(digits), length >= 0, body.count >= length else {
                throw SystemError("the answer has been cut off")
            }
            return Array(body.prefix(length))
        }
        return Array(body)
    }

    private static func head(_ bytes: [UInt8]) -> (String, Int)? {
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard bytes.count >= end.count else { return nil }
        for start in 0...(bytes.count - end.count)
        where bytes[start] == end[0] && bytes[start..<start + 4].elementsEqual(end) {
            return (String(decoding: bytes[..<start], as: UTF8.self), start + 4)
        }
        return nil
    }
}
