/// Finds what a user probably meant.
enum NearMatches {
    /// Up to three candidates that differ from `word` by little, the closest first.
    ///
    /// A candidate whose last component is exactly the word counts as close too: `hosts` finds `broker.hosts`.
    static func of(_ word: String, among candidates: [String]) -> [String] {
        let wanted = Array(word.lowercased().utf8.prefix(100))
        let limit = max(2, wanted.count / 4)
        let scored = candidates.compactMap { candidate -> (distance: Int, candidate: String)? in
            if candidate.hasSuffix("." + word) { return (1, candidate) }
            let distance = editDistance(wanted, Array(candidate.lowercased().utf8))
            return distance <= limit ? (distance, candidate) : nil
        }
        return scored.sorted { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }.prefix(3).map(\.candidate)
    }

    /// A question to append to an error, or an empty text when nothing is close.
    static func question(for word: String, among candidates: [String]) -> String {
        let matches = of(word, among: candidates)
        return matches.isEmpty ? "" : ", did you mean \(matches.joined(separator: " or "))?"
    }

    private static func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var row = Array(0...second.count)
        for (index, left) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, right) in second.enumerated() {
                let replaced = diagonal + (left == right ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}
