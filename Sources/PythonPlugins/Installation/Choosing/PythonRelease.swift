/// A version of Python itself, as far as packages depend on it.
package struct PythonRelease: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first number.
    package let major: Int
    /// The second number.
    package let minor: Int

    /// Python `major.minor`.
    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads what a wagon says that it supports: `py3.11`, `3.11` or `py311`. Nil for anything else.
    package init?(tag: String) {
        let text = tag.hasPrefix("py") ? tag.dropFirst(2) : tag[...]
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count > 1 {
            guard let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
            self.init(major, minor)
        } else {
            guard let first = text.first, let major = Int(String(first)), let minor = Int(text.dropFirst()) else {
                return nil
            }
            self.init(major, minor)
        }
    }

    /// Reads what `python --version` says, such as `Python 3.11.7`. Nil for anything else.
    package init?(versionLine: String) {
        let words = versionLine.split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, words[0].lowercased() == "python" else { return nil }
        let parts = words[1].split(separator: ".")
        guard parts.count >= 3, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
        self.init(major, minor)
    }

    /// `major.minor`.
    package var description: String { "\(major).\(minor)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
