/// Takes the text of a version apart as PEP 440 writes it.
struct PythonVersionReader {
    private typealias Part = PythonVersionNumber.Key.Part

    private var rest: [UInt8]
    private static let preNames = [
        ("alpha", "a"), ("beta", "b"), ("preview", "rc"), ("pre", "rc"), ("rc", "rc"), ("a", "a"), ("b", "b"),
        ("c", "rc"),
    ]

    init(_ text: String) {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D]
        var bytes = Array(text.lowercased().utf8)[...]
        while let first = bytes.first, blanks.contains(first) { bytes.removeFirst() }
        while let last = bytes.last, blanks.contains(last) { bytes.removeLast() }
        // Backwards: what is read is taken from the end of the array.
        rest = bytes.reversed()
    }

    /// - Returns: nil when the text is no version.
    mutating func read() -> PythonVersionNumber.Key? {
        _ = take("v")
        guard var first = number() else { return nil }
        var epoch = 0
        if take("!") {
            epoch = first
            guard let next = number() else { return nil }
            first = next
        }
        var release = [first]
        while let next = after(["."], { $0.number() }) { release.append(next) }
        while release.count > 1, release.last == 0 { release.removeLast() }
        if release == [0] { release = [] }
        let pre = self.pre()
        let post = self.post()
        let development = self.development()
        let local = self.local()
        guard rest.isEmpty else { return nil }
        return PythonVersionNumber.Key(
            epoch: epoch, release: release,
            // A version in development comes before its pre-releases, and those before the release.
            pre: pre.map { Part.number($0.0, $0.1) }
                ?? (post == nil && development != nil ? .lowest : .highest),
            post: post.map { Part.number("", $0) } ?? .lowest,
            development: development.map { Part.number("", $0) } ?? .highest, local: local)
    }

    private mutating func pre() -> (String, Int)? {
        attempt { reader in
            reader.separator()
            guard let name = Self.preNames.first(where: { reader.take($0.0) }) else { return nil }
            return (name.1, reader.optionalNumber())
        }
    }

    private mutating func post() -> Int? {
        if let number = after(["-"], { $0.number() }) { return number }
        return attempt { reader in
            reader.separator()
            guard ["post", "rev", "r"].contains(where: { reader.take($0) }) else { return nil }
            return reader.optionalNumber()
        }
    }

    private mutating func development() -> Int? {
        attempt { reader in
            reader.separator()
            return reader.take("dev") ? reader.optionalNumber() : nil
        }
    }

    private mutating func local() -> [PythonVersionNumber.Key.LocalPart]? {
        attempt { reader in
            guard reader.take("+") else { return nil }
            var parts: [PythonVersionNumber.Key.LocalPart] = []
            repeat {
                var bytes: [UInt8] = []
                while let byte = reader.rest.last, Self.isDigit(byte) || Self.isLetter(byte) {
                    bytes.append(reader.rest.removeLast())
                }
                guard !bytes.isEmpty else { return nil }
                let text = String(decoding: bytes, as: UTF8.self)
                parts.append(bytes.allSatisfy(Self.isDigit) ? .number(Int(text) ?? .max) : .text(text))
            } while reader.separator()
            return parts
        }
    }

    /// The number behind a part's name, which may be missing and means 0 then.
    private mutating func optionalNumber() -> Int {
        separator()
        return number() ?? 0
    }

    private mutating func number() -> Int? {
        var digits: [UInt8] = []
        while let byte = rest.last, Self.isDigit(byte) { digits.append(rest.removeLast()) }
        guard !digits.isEmpty else { return nil }
        // More digits than a number can have: larger than all others.
        return Int(String(decoding: digits, as: UTF8.self)) ?? .max
    }

    private mutating func after<Found>(_ signs: [String], _ body: (inout Self) -> Found?) -> Found? {
        attempt { reader in signs.contains { reader.take($0) } ? body(&reader) : nil }
    }

    /// Reads something, or leaves everything as it was.
    private mutating func attempt<Found>(_ body: (inout Self) -> Found?) -> Found? {
        let before = rest
        guard let found = body(&self) else {
            rest = before
            return nil
        }
        return found
    }

    @discardableResult
    private mutating func separator() -> Bool { take(".") || take("-") || take("_") }

    private mutating func take(_ text: String) -> Bool {
        guard rest.count >= text.utf8.count, rest.reversed().starts(with: text.utf8) else { return false }
        rest.removeLast(text.utf8.count)
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }
}
