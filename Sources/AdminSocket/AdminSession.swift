internal import AgentExecutors

/// One client's conversation, without its socket: bytes in, lines out, and the deadline of what comes next.
///
/// One request at a time: what a client sends while its request is served is read afterwards.
struct AdminSession {
    enum Phase: Hashable {
        /// A request is expected, or has come in part.
        case reading
        /// A request is being served.
        case serving
        /// An answer is on its way to the client.
        case writing
        case ended
    }

    enum Action: Hashable {
        case serve(ArraySlice<UInt8>)
        case none
    }

    /// How long each phase may take.
    struct Limits: Sendable {
        var request = Duration.seconds(5)
        var serving = Duration.seconds(30)
        var writing = Duration.seconds(5)
        var requestBytes = AdminProtocol.requestLimit
    }

    private(set) var phase = Phase.reading
    private(set) var deadline: MonotonicInstant
    private(set) var output: ArraySlice<UInt8> = []
    private var input: [UInt8] = []
    private var endsAfterWriting = false
    private let limits: Limits

    init(limits: Limits, now: MonotonicInstant) {
        self.limits = limits
        deadline = now.advanced(by: limits.request)
    }

    /// How many bytes may be read now: never more than a request may still have.
    var readable: Int { phase == .reading ? max(0, limits.requestBytes + 1 - input.count) : 0 }

    mutating func received(_ bytes: ArraySlice<UInt8>, now: MonotonicInstant) -> Action {
        guard phase == .reading else { return .none }
        // Only what is new can hold the line's end; a client that sends byte by byte costs no more than others.
        let scanned = input.count
        input.append(contentsOf: bytes)
        return nextRequest(from: scanned, now: now)
    }

    /// The client sends no more. What it has asked for is still answered.
    mutating func receivedEnd() {
        if phase == .reading { phase = .ended }
        endsAfterWriting = true
    }

    mutating func answer(_ line: [UInt8], thenEnd: Bool = false, now: MonotonicInstant) {
        guard phase == .serving || phase == .reading else { return }
        endsAfterWriting = endsAfterWriting || thenEnd
        output = line[...]
        phase = .writing
        deadline = now.advanced(by: limits.writing)
    }

    /// So much of `output` has gone out.
    mutating func sent(_ count: Int, now: MonotonicInstant) -> Action {
        output = output.dropFirst(count)
        guard phase == .writing, output.isEmpty else { return .none }
        guard !endsAfterWriting else {
            phase = .ended
            return .none
        }
        phase = .reading
        deadline = now.advanced(by: limits.request)
        return nextRequest(from: 0, now: now)
    }

    /// Time has passed.
    mutating func expire(now: MonotonicInstant) {
        guard now >= deadline else { return }
        if phase == .serving {
            let error = AdminError(
                .busy, "the agent did not get round to it within \(limits.serving); it may still do it")
            answer(AdminAnswer.failure(error).line, thenEnd: true, now: now)
        } else {
            phase = .ended
        }
    }

    mutating func fail() { phase = .ended }

    private mutating func nextRequest(from start: Int, now: MonotonicInstant) -> Action {
        guard let end = input[start...].firstIndex(of: UInt8(ascii: "\n")) else {
            if input.count > limits.requestBytes {
                let error = AdminError(.badRequest, "a request has at most \(limits.requestBytes) bytes")
                answer(AdminAnswer.failure(error).line, thenEnd: true, now: now)
            }
            return .none
        }
        let line = input[..<end]
        input.removeSubrange(...end)
        phase = .serving
        deadline = now.advanced(by: limits.serving)
        return .serve(line)
    }
}
