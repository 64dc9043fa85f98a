/// The parts of a form that was uploaded.
struct MultipartForm {
    private(set) var parts: [String: [UInt8]] = [:]

    init?(_ request: RecordedRequest) {
        guard let type = request.header("Content-Type"), let range = type.range(of: "boundary=") else { return nil }
        let boundary = Array("--\(type[range.upperBound...])".utf8)
        for part in Self.split(request.body, by: boundary) {
            guard let end = Self.find(Array("\r\n\r\n".utf8), in: part) else { continue }
            let head = String(decoding: part[..<end], as: UTF8.self)
            guard let name = head.range(of: "name=\"") else { continue }
            let text = head[name.upperBound...].prefix { $0 != "\"" }
            parts[String(text)] = Array(part[(end + 4)...].dropLast(2))
        }
    }

    private static func split(_ bytes: [UInt8], by separator: [UInt8]) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while let index = find(separator, in: rest) {
            parts.append(rest[..<index])
            rest = rest[(index + separator.count)...]
        }
        return parts
    }

    private static func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
        var index = bytes.startIndex
        while index + pattern.count <= bytes.endIndex {
            if bytes[index] == first, bytes[index..<index + pattern.count].elementsEqual(pattern) { return index }
            index += 1
        }
        return nil
    }
}

extension String {
    /// Where a text occurs first, without Foundation.
    func range(of text: String) -> Range<String.Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
