/// Text from outside as part of one line.
enum OneLine {
    /// Without line breaks and other control characters, and not longer than `limit` characters.
    static func make(_ text: String, limit: Int) -> String {
        var line = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else { return line + "…" }
            let isControl = scalar.value < 0x20 || scalar.value == 0x7F || (0x80...0x9F).contains(scalar.value)
            line.unicodeScalars.append(isControl ? " " : scalar)
            count += 1
        }
        return line
    }
}
