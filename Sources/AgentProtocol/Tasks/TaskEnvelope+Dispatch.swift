package import Operative

/// The task as a dispatcher of another language reads it. Values are copied as they came: numbers of any size and the order of names stay.
extension TaskEnvelope {
    /// The task's context (`__cloudify_context`), decoded.
    package func contextValue(resume: Bool) -> PropertyValue {
        // The body has been checked.
        (try? PropertyValue(json: contextBytes(resume: resume))) ?? .object([:])
    }

    /// `{"cloudify_context": …, "args": …, "kwargs": …}` (Cloudify agent protocol, 9.1).
    ///
    /// - Parameter resume: what the context is to say.
    package func dispatchInput(resume: Bool) -> [UInt8] {
        var document = Array("{\"cloudify_context\":".utf8)
        document.reserveCapacity(body.count + 64)
        document += contextBytes(resume: resume)
        document += ",\"args\":".utf8
        document += arguments
        document += ",\"kwargs\":{".utf8
        document += inputMembers
        document += "}}".utf8
        return document
    }

    private func contextBytes(resume: Bool) -> [UInt8] {
        bytes(of: value(at: layout.context), resume: resume)
    }

    /// The members of the inputs, without braces and without the context.
    private var inputMembers: [UInt8] {
        let body = body
        let bytes = body.span
        var members: [UInt8] = []
        var scanner = JSONScanner(offset: layout.kwargs)
        var isFirst = true
        // The body has been checked: nothing here can fail.
        guard (try? scanner.enterObject(bytes)) != nil else { return [] }
        while let key = try? scanner.nextKey(bytes, isFirst: &isFirst) {
            guard (try? scanner.peek(bytes)) != nil, (try? scanner.skipValue(bytes)) != nil else { break }
            if key.matches("__cloudify_context", bytes) { continue }
            if !members.isEmpty { members.append(UInt8(ascii: ",")) }
            members += body[(key.start - 1)..<scanner.offset]
        }
        return members
    }

    /// The positional arguments as they came; an empty array when there are none.
    private var arguments: [UInt8] {
        let body = body
        let bytes = body.span
        var found: Range<Int>?
        Self.members(of: 0, bytes) { key, value in
            guard key.matches("cloudify_task", bytes), body[value.lowerBound] == UInt8(ascii: "{") else { return }
            found = nil
            Self.members(of: value.lowerBound, bytes) { key, value in
                if key.matches("args", bytes) { found = body[value.lowerBound] == UInt8(ascii: "[") ? value : nil }
            }
        }
        return found.map { Array(body[$0]) } ?? Array("[]".utf8)
    }

    private func value(at offset: Int) -> Range<Int> {
        let body = body
        var scanner = JSONScanner(offset: offset)
        try? scanner.skipValue(body.span)
        return offset..<scanner.offset
    }

    private static func members(
        of offset: Int, _ bytes: Span<UInt8>, _ body: (JSONStringToken, Range<Int>) -> Void
    ) {
        var scanner = JSONScanner(offset: offset)
        var isFirst = true
        guard (try? scanner.enterObject(bytes)) != nil else { return }
        while let key = try? scanner.nextKey(bytes, isFirst: &isFirst) {
            guard (try? scanner.peek(bytes)) != nil else { return }
            let start = scanner.offset
            guard (try? scanner.skipValue(bytes)) != nil else { return }
            body(key, start..<scanner.offset)
        }
    }
}
