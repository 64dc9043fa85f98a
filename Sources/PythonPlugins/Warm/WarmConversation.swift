import AgentExecutors
import OperationProcesses

/// What the agent and one resident parent have said to each other, and what follows from it. Without clock and pipe.
struct WarmConversation {
    enum Action: Hashable {
        case send(WarmRequest)
        case answer(Int, WarmAnswer)
        case end(Int, WarmEnd)
        /// No more requests will come: close the pipe, and the parent ends by itself.
        case close
        /// The parent does not answer any more.
        case kill(String)
    }

    private enum Stage: Hashable {
        case asked
        case waiting
        case going
        case abandoned
    }

    private enum Phase: Hashable {
        case starting
        case open
        /// Requests that were accepted are worked off.
        case leaving
        case closed
    }

    private let settings: WarmSettings
    private var phase = Phase.starting
    private var operations: [Int: Stage] = [:]
    private var queued: [(number: Int, operation: WarmOperation)] = []
    private var nextNumber = 1
    private var imports = true
    private var ping: Int?
    private var heard: MonotonicInstant
    private var used: MonotonicInstant

    init(settings: WarmSettings, now: MonotonicInstant) {
        self.settings = settings
        heard = now
        used = now
    }

    /// Whether another operation may be asked for.
    var isOpen: Bool { (phase == .starting || phase == .open) && nextNumber <= settings.operations }
    var isBusy: Bool { !operations.isEmpty }

    /// - Returns: The number of the operation; nil when the parent takes no more.
    mutating func ask(_ operation: WarmOperation, now: MonotonicInstant) -> (number: Int, actions: [Action])? {
        guard isOpen else { return nil }
        let number = nextNumber
        nextNumber += 1
        if !isWaiting, phase == .open { heard = now }
        operations[number] = .asked
        guard phase == .open else {
            queued.append((number, operation))
            return (number, [])
        }
        return (number, [.send(.run(number: number, operation))])
    }

    /// Lets the child of an operation begin.
    mutating func go(_ number: Int) -> [Action] {
        guard operations[number] == .waiting else { return [] }
        operations[number] = .going
        return [.send(.go(number))]
    }

    /// Takes back a request whose child has not begun.
    mutating func drop(_ number: Int) -> [Action] {
        switch operations[number] {
        case .asked:
            operations[number] = .abandoned
            return [.answer(number, .gone("it was cancelled"))]
        case .waiting:
            operations[number] = .abandoned
            return [.send(.drop(number))]
        case .going, .abandoned, nil: return []
        }
    }

    mutating func received(_ message: WarmMessage, now: MonotonicInstant) -> [Action] {
        heard = now
        imports = false
        switch message {
        case .ready:
            if phase == .starting { phase = .open }
            let requests = queued.map { Action.send(.run(number: $0.number, $0.operation)) }
            queued = []
            return requests + closing(now)
        case .unfit(let reason):
            let verdict = WarmVerdict(reason: reason, always: true)
            return retire() + refuse(.cold(verdict)) + closing(now)
        case .importing:
            imports = true
            return []
        case .began(let number, let pid):
            switch operations[number] {
            case .asked:
                operations[number] = .waiting
                return [.answer(number, .began(pid: pid))]
            case .abandoned: return [.send(.drop(number))]
            case .waiting, .going, nil: return []
            }
        case .cold(let number, let reason, let always):
            // A module that was refused has been imported nevertheless.
            let actions = always ? retire() : []
            return actions + answer(number, .cold(WarmVerdict(reason: reason, always: always)), now)
        case .stale(let number, let reason): return retire() + answer(number, .stale(reason), now)
        case .ended(let number, let end, let resident):
            let known = operations.removeValue(forKey: number) != nil
            used = now
            if resident > settings.memory || nextNumber > settings.operations { _ = retire() }
            return (known ? [.end(number, .ended(end))] : []) + closing(now)
        case .pong(let number):
            if ping == number { ping = nil }
            return []
        }
    }

    /// Takes no more operations, and ends the parent when the last one is over.
    mutating func leave(now: MonotonicInstant) -> [Action] { retire() + closing(now) }

    /// To be called now and then, at least as often as the limits are long.
    mutating func tick(now: MonotonicInstant) -> [Action] {
        guard phase != .closed else { return [] }
        let silence = now.duration(since: heard)
        if isWaiting, silence > (imports ? settings.importLimit : settings.answerLimit) {
            phase = .closed
            return [.kill("it has not answered for \(silence.components.seconds) s")]
        }
        if !operations.isEmpty, ping == nil, phase != .starting {
            if !isWaiting { heard = now }
            ping = nextPing
            return [.send(.ping(nextPing))]
        }
        if operations.isEmpty, phase == .open, now.duration(since: used) >= settings.idle { return leave(now: now) }
        return []
    }

    /// The parent's process has ended.
    mutating func ended(because reason: String) -> [Action] {
        phase = .closed
        let remaining = operations.sorted { $0.key < $1.key }
        operations = [:]
        queued = []
        return remaining.map { number, stage in
            stage == .asked ? .answer(number, .gone(reason)) : .end(number, .unknown(reason))
        }
    }

    private var nextPing: Int { nextNumber }

    /// Whether the parent owes an answer.
    private var isWaiting: Bool { phase == .starting || ping != nil || operations.values.contains(.asked) }

    private mutating func retire() -> [Action] {
        if phase == .starting || phase == .open { phase = .leaving }
        return []
    }

    private mutating func refuse(_ answer: WarmAnswer) -> [Action] {
        let asked = operations.filter { $0.value == .asked || $0.value == .abandoned }.keys.sorted()
        for number in asked { operations[number] = nil }
        queued = []
        return asked.map { .answer($0, answer) }
    }

    private mutating func answer(_ number: Int, _ answer: WarmAnswer, _ now: MonotonicInstant) -> [Action] {
        let known = operations.removeValue(forKey: number) != nil
        used = now
        return (known ? [.answer(number, answer)] : []) + closing(now)
    }

    private mutating func closing(_ now: MonotonicInstant) -> [Action] {
        guard phase == .leaving, operations.isEmpty else { return [] }
        phase = .closed
        return [.close]
    }
}
