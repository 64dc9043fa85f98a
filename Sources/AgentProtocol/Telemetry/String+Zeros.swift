extension String {
    /// The text with U+FFFD for each zero character: PostgreSQL, which keeps the records of a manager, stores no text with one.
    var withoutZeros: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
