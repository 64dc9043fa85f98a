/// Durations as people write them: `500ms`, `30s`, `10m`, `2h`, `30d`, or plain seconds.
public enum DurationText {
    /// Units with their length in milliseconds, longest first.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Reads a duration.
    ///
    /// - Parameter text: A number that is not negative, with or without a fraction, followed by a unit or by nothing
    ///   for seconds. Resolution is one millisecond.
    /// - Returns: The duration, or nil when the text is none or is longer than a hundred years.
    public static func parse(_ text: String) -> Duration? {
        let number = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let unitName = text.dropFirst(number.count)
        guard let first = number.first, first != ".", let amount = Double(number) else { return nil }
        guard let unit = units.first(where: { $0.name == (unitName.isEmpty ? "s" : unitName) }) else { return nil }
        let milliseconds = (amount * Double(unit.milliseconds)).rounded()
        let hundredYears = 100 * 366 * 86_400_000.0
        guard milliseconds <= hundredYears else { return nil }
        return .milliseconds(Int64(milliseconds))
    }

    /// Writes a duration in the largest unit that needs no fraction, for example `90s` or `2h`.
    public static func format(_ duration: Duration) -> String {
        let parts = duration.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "0s" }
        for unit in units where milliseconds.isMultiple(of: unit.milliseconds) {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}
