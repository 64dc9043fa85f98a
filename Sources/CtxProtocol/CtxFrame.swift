/// The messages on an operation's Unix socket: one request and one answer per connection, each a line and a JSON text.
///
/// The line of a request is `ctx 1 <token> <length>`, that of an answer `ctx 1 <length>`, each ended by a line feed. The JSON texts are
/// those of the HTTP face. Lengths are in bytes.
package enum CtxFrame {
    /// No line is longer than this, its line feed included.
    package static let longestLine = 160
    private static let greeting = "ctx 1 "

    /// A request's bytes.
    package static func request(token: String, body: [UInt8]) -> [UInt8] {
        Array("\(greeting)\(token) \(body.count)\n".utf8) + body
    }

    /// The line in front of an answer.
    package static func answerLine(length: Int) -> [UInt8] { Array("\(greeting)\(length)\n".utf8) }

    /// Reads the line of a request, without its line feed; nil when it is none.
    package static func request(line: some Collection<UInt8>) -> (token: String, length: Int)? {
        guard let words = words(line), words.count == 2, let length = length(words[1]) else { return nil }
        return (words[0], length)
    }

    /// Reads the line of an answer, without its line feed; nil when it is none.
    package static func answer(line: some Collection<UInt8>) -> Int? {
        guard let words = words(line), words.count == 1 else { return nil }
        return length(words[0])
    }

    private static func words(_ line: some Collection<UInt8>) -> [String]? {
        guard line.count < longestLine, line.starts(with: greeting.utf8) else { return nil }
        return line.dropFirst(greeting.utf8.count).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func length(_ text: String) -> Int? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
