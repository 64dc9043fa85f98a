import Operative

extension TaskEnvelope {
    private struct Replacement {
        let range: Range<Int>
        let text: String
    }

    /// The message for another attempt: the same bytes but for the retry number and the resume flag of the context.
    ///
    /// - Parameters:
    ///   - retryNumber: the number of the attempt to come.
    ///   - resume: whether it continues an interrupted one.
    public func rescheduled(retryNumber: Int, resume: Bool = false) -> [UInt8] {
        var replacements = [retryNumberReplacement(retryNumber)]
        if let replacement = resumeReplacement(resume) { replacements.append(replacement) }
        return bytes(of: 0..<body.count, replacing: replacements)
    }

    /// Part of the body, in which the context has that resume flag.
    func bytes(of range: Range<Int>, resume: Bool) -> [UInt8] {
        bytes(of: range, replacing: resumeReplacement(resume).map { [$0] } ?? [])
    }

    private func bytes(of range: Range<Int>, replacing replacements: [Replacement]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count + 64)
        var copied = range.lowerBound
        for replacement in replacements.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            result.append(contentsOf: body[copied..<replacement.range.lowerBound])
            result.append(contentsOf: replacement.text.utf8)
            copied = replacement.range.upperBound
        }
        result.append(contentsOf: body[copied..<range.upperBound])
        return result
    }

    private func retryNumberReplacement(_ number: Int) -> Replacement {
        if let range = layout.retryNumber { return Replacement(range: range, text: "\(number)") }
        guard let range = layout.operation else {
            return insertion(into: layout.context, "\"operation\":{\"retry_number\":\(number)}")
        }
        guard layout.operationIsObject else { return Replacement(range: range, text: "{\"retry_number\":\(number)}") }
        return insertion(into: range.lowerBound, "\"retry_number\":\(number)")
    }

    private func resumeReplacement(_ resume: Bool) -> Replacement? {
        guard resume != self.resume else { return nil }
        guard let range = layout.resume else { return insertion(into: layout.context, "\"resume\":\(resume)") }
        return Replacement(range: range, text: "\(resume)")
    }

    /// A member put first into the object whose opening brace is at `brace`.
    private func insertion(into brace: Int, _ member: String) -> Replacement {
        let body = body
        let bytes = body.span
        var scanner = JSONScanner(offset: brace)
        var isFirst = true
        // The body has been checked: a failure here can only mean that there is no member.
        let isEntered = (try? scanner.enterObject(bytes)) != nil
        let isEmpty = !isEntered || (try? scanner.nextKey(bytes, isFirst: &isFirst)) == nil
        return Replacement(range: brace + 1..<brace + 1, text: isEmpty ? member : member + ",")
    }
}
