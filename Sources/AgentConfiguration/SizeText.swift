/// Numbers of bytes as people write them: `512KiB`, `16MiB`, `1GiB`, or plain bytes.
public enum SizeText {
    /// Units with their shift, largest first.
    private static let units: [(name: String, shift: Int)] = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)]

    /// Reads a size. Upper and lower case do not matter; decimal units such as `MB` are refused because people
    /// disagree about them.
    ///
    /// - Returns: The number of bytes, or nil when the text is no size or does not fit.
    public static func parse(_ text: String) -> Int? {
        let number = text.prefix { ("0"..."9").contains($0) }
        let unitName = text.dropFirst(number.count)
        guard let amount = Int(number) else { return nil }
        let wanted = unitName.isEmpty ? "b" : unitName.lowercased()
        guard let unit = units.first(where: { $0.name.lowercased() == wanted }) else { return nil }
        let (bytes, overflow) = amount.multipliedReportingOverflow(by: 1 << unit.shift)
        return overflow ? nil : bytes
    }

    /// Writes a size in the largest unit that needs no fraction.
    public static func format(_ bytes: Int) -> String {
        guard bytes != 0 else { return "0" }
        for unit in units where bytes.isMultiple(of: 1 << unit.shift) {
            return unit.shift == 0 ? "\(bytes)" : "\(bytes >> unit.shift)\(unit.name)"
        }
        return "\(bytes)"
    }
}
