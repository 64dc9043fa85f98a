import Operative

/// One pass over the body of an operation task: checks that all of it is well-formed and picks out what dispatching needs.
///
/// Problems with single fields are noted and the scan goes on, because the id that an answer needs may come last.
struct EnvelopeScan {
    /// What dispatching needs from the context.
    struct Context {
        var type: String?
        var taskName: String?
        var executionID: String?
        var executionToken: String?
        var operation = Operation()
        var timeout: Duration?
        var timeoutRecoverable = false
        var resume = false
        var layout: EnvelopeLayout
    }

    struct Operation {
        var name: String?
        var retryNumber = 0
        var maxRetries = -1
        var retryNumberRange: Range<Int>?
    }

    private static let contextPath = "cloudify_task.kwargs.__cloudify_context"
    /// Far beyond any real number of retries, and safe to count on from.
    private static let maximumRetryNumber = Int(Int32.max)
    /// A longer timeout is none.
    static let maximumTimeout = 100.0 * 365 * 86_400

    private(set) var id: String?
    private(set) var context: Context?
    private(set) var problem: EnvelopeError?
    private var hasTask = false
    private var hasKwargs = false
    private var kwargsStart = 0
    private var scanner = JSONScanner()

    /// Scans the whole body. Afterwards ``context`` has a task name unless ``problem`` says why not.
    mutating func scan(_ bytes: Span<UInt8>) throws(JSONError) {
        guard try scanner.peekKind(bytes) == .object else {
            try scanner.skipValue(bytes)
            try scanner.expectEnd(bytes)
            problem = EnvelopeError(.notAnObject, reason: "expected a JSON object")
            return
        }
        try scanner.enterObject(bytes)
        var isFirst = true
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            if key.matches("id", bytes) {
                id = try string(bytes, "id")
            } else if key.matches("cloudify_task", bytes) {
                hasTask = try enter(bytes, "cloudify_task")
                if hasTask { try scanTask(bytes) }
            } else {
                try scanner.skipValue(bytes)
            }
        }
        try scanner.expectEnd(bytes)
        noteMissingParts()
    }

    private mutating func scanTask(_ bytes: Span<UInt8>) throws(JSONError) {
        hasKwargs = false
        context = nil
        var isFirst = true
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            if key.matches("kwargs", bytes) {
                hasKwargs = try enter(bytes, "cloudify_task.kwargs")
                if hasKwargs { try scanKwargs(bytes) }
            } else {
                try scanner.skipValue(bytes)
            }
        }
    }

    private mutating func scanKwargs(_ bytes: Span<UInt8>) throws(JSONError) {
        kwargsStart = scanner.offset - 1
        context = nil
        var isFirst = true
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            guard key.matches("__cloudify_context", bytes) else {
                try scanner.skipValue(bytes)
                continue
            }
            context = nil
            if try enter(bytes, Self.contextPath) { try scanContext(bytes) }
        }
    }

    private mutating func scanContext(_ bytes: Span<UInt8>) throws(JSONError) {
        var fields = Context(layout: EnvelopeLayout(kwargs: kwargsStart, context: scanner.offset - 1))
        var isFirst = true
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            switch ContextKey(key, bytes) {
            case .type: fields.type = try string(bytes, "type", in: Self.contextPath)
            case .taskName: fields.taskName = try string(bytes, "task_name", in: Self.contextPath)
            case .executionID: fields.executionID = try string(bytes, "execution_id", in: Self.contextPath)
            case .executionToken: fields.executionToken = try string(bytes, "execution_token", in: Self.contextPath)
            case .timeout: fields.timeout = try timeout(bytes)
            case .timeoutRecoverable: fields.timeoutRecoverable = try bool(bytes, "timeout_recoverable") ?? false
            case .resume:
                let start = try valueStart(bytes)
                fields.resume = try bool(bytes, "resume") ?? false
                fields.layout.resume = start..<scanner.offset
            case .operation:
                let start = try valueStart(bytes)
                let isObject = try enter(bytes, Self.contextPath + ".operation")
                fields.operation = isObject ? try scanOperation(bytes) : Operation()
                fields.layout.operation = start..<scanner.offset
                fields.layout.operationIsObject = isObject
                fields.layout.retryNumber = fields.operation.retryNumberRange
            case nil: try scanner.skipValue(bytes)
            }
        }
        context = fields
    }

    private mutating func scanOperation(_ bytes: Span<UInt8>) throws(JSONError) -> Operation {
        var fields = Operation()
        var isFirst = true
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            if key.matches("name", bytes) {
                fields.name = try string(bytes, "operation.name", in: Self.contextPath)
            } else if key.matches("retry_number", bytes) {
                let start = try valueStart(bytes)
                fields.retryNumber = try integer(bytes, "operation.retry_number", from: 0) ?? 0
                fields.retryNumberRange = start..<scanner.offset
            } else if key.matches("max_retries", bytes) {
                fields.maxRetries = max(
                    -1, try integer(bytes, "operation.max_retries", from: -Self.maximumRetryNumber) ?? -1)
            } else {
                try scanner.skipValue(bytes)
            }
        }
        return fields
    }

    // MARK: Values

    private mutating func valueStart(_ bytes: Span<UInt8>) throws(JSONError) -> Int {
        _ = try scanner.peek(bytes)
        return scanner.offset
    }

    /// Enters an object; skips null and, with a note, anything else.
    private mutating func enter(_ bytes: Span<UInt8>, _ field: String) throws(JSONError) -> Bool {
        switch try scanner.peekKind(bytes) {
        case .object:
            try scanner.enterObject(bytes)
            return true
        case .null: break
        default: note(.wrongType, field, "expected an object")
        }
        try scanner.skipValue(bytes)
        return false
    }

    private mutating func string(
        _ bytes: Span<UInt8>, _ field: StaticString, in parent: String? = nil
    ) throws(JSONError) -> String? {
        switch try scanner.peekKind(bytes) {
        case .string: return try scanner.readString(bytes)
        case .null: break
        default: note(.wrongType, path(field, in: parent), "expected a string")
        }
        try scanner.skipValue(bytes)
        return nil
    }

    private mutating func bool(_ bytes: Span<UInt8>, _ field: StaticString) throws(JSONError) -> Bool? {
        let kind = try scanner.peekKind(bytes)
        let value = bytes[scanner.offset] == UInt8(ascii: "t")
        if kind != .bool, kind != .null { note(.wrongType, path(field, in: Self.contextPath), "expected a boolean") }
        try scanner.skipValue(bytes)
        return kind == .bool ? value : nil
    }

    private mutating func integer(
        _ bytes: Span<UInt8>, _ field: StaticString, from minimum: Int
    ) throws(JSONError) -> Int? {
        let kind = try scanner.peekKind(bytes)
        if kind == .number {
            let start = scanner.offset
            let number = scanner.integer(try scanner.scanNumber(bytes), bytes)
            if let number, number >= minimum, number <= Self.maximumRetryNumber { return number }
            let text = "expected an integer from \(minimum) to \(Self.maximumRetryNumber)"
            note(.wrongType, path(field, in: Self.contextPath), text, at: start)
            return nil
        }
        if kind != .null { note(.wrongType, path(field, in: Self.contextPath), "expected an integer") }
        try scanner.skipValue(bytes)
        return nil
    }

    private mutating func timeout(_ bytes: Span<UInt8>) throws(JSONError) -> Duration? {
        let kind = try scanner.peekKind(bytes)
        guard kind == .number else {
            if kind != .null { note(.wrongType, path("timeout", in: Self.contextPath), "expected a number of seconds") }
            try scanner.skipValue(bytes)
            return nil
        }
        let token = try scanner.scanNumber(bytes)
        return Duration(timeoutSeconds: scanner.double(token, bytes), limit: Self.maximumTimeout)
    }

    // MARK: Problems

    private mutating func noteMissingParts() {
        guard problem == nil else { return }
        let missing: String? =
            if !hasTask { "cloudify_task" } else if !hasKwargs { "cloudify_task.kwargs" } else if context == nil {
                Self.contextPath
            } else if context?.taskName?.isEmpty ?? true { Self.contextPath + ".task_name" } else { nil }
        if let missing { problem = EnvelopeError(.missingField, field: missing, reason: "required, but missing") }
    }

    private mutating func note(_ code: EnvelopeError.Code, _ field: String, _ reason: String, at offset: Int? = nil) {
        guard problem == nil else { return }
        problem = EnvelopeError(code, field: field, offset: offset ?? scanner.offset, reason: reason)
    }

    private func path(_ field: StaticString, in parent: String?) -> String {
        parent.map { "\($0).\(field)" } ?? "\(field)"
    }
}
