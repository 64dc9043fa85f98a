/// Removes the blanks that all lines begin with, as a block of a blueprint has them.
///
/// Lines of nothing but blanks do not count, and become empty.
func dedent(_ text: String) -> String {
    let newline = UInt8(ascii: "\n")
    let lines = Array(text.utf8).split(separator: newline, omittingEmptySubsequences: false).map { line in
        line.allSatisfy(isBlank) ? [] : line
    }
    var margin: ArraySlice<UInt8>?
    for line in lines where !line.isEmpty {
        let indent = line.prefix(while: isBlank)
        margin = margin.map { $0.prefix(zip($0, indent).prefix { $0 == $1 }.count) } ?? indent
    }
    let width = margin?.count ?? 0
    return String(decoding: Array(lines.map { $0.dropFirst(width) }.joined(separator: [newline])), as: UTF8.self)
}

private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
