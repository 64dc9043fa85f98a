internal import CtxProtocol

/// Asks an agent over its Unix socket, or whoever serves a URL over HTTP.
enum CtxConversation {
    /// - Returns: the answer's JSON text.
    static func ask(_ body: [UInt8], socket: String, token: String, seconds: Int) throws(SystemError) -> [UInt8] {
        let stream = try Stream.connect(path: socket, seconds: seconds)
        try stream.send(CtxFrame.request(token: token, body: body))
        let answer = try stream.receive { isWhole($0) }
        guard let end = answer.firstIndex(of: UInt8(ascii: "\n")), let length = CtxFrame.answer(line: answer[..<end]),
            answer.count - end - 1 == length
        else {
            throw SystemError(
                answer.isEmpty
                    ? "the agent has closed the connection without an answer: the operation has ended, or it is not yours"
                    : "the answer has been cut off")
        }
        return Array(answer[(end + 1)...])
    }

    private static func isWhole(_ answer: [UInt8]) -> Bool {
        guard let end = answer.prefix(CtxFrame.longestLine).firstIndex(of: UInt8(ascii: "\n")) else {
            return answer.count >= CtxFrame.longestLine
        }
        guard let length = CtxFrame.answer(line: answer[..<end]) else { return true }
        return answer.count - end - 1 >= length
    }

    /// - Returns: the answer's JSON text.
    static func ask(_ body: [UInt8], url: String, seconds: Int) throws(SystemError) -> [UInt8] {
        let address = try HTTPAddress(url)
        let stream = try Stream.connect(host: address.host, port: address.port, seconds: seconds)
        let head =
            "POST \(address.path) HTTP/1.0\r\nHost: \(address.authority)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        try stream.send(Array(head.utf8) + body)
        return try HTTPAnswer.body(try stream.receive())
    }
}
