import AgentExecutors
import OperationProcesses
import Synchronization

/// A resident parent: its process, and the operations that it was asked for.
final class WarmParent: Sendable {
    let environment: WarmEnvironment
    private let settings: WarmSettings
    private let conversation: Mutex<WarmConversation>
    private let tickets = Mutex<[Int: WarmTicket]>([:])
    private let process = Mutex(Process())
    /// Kept when the process has ended.
    let over = Promise<Void>()

    private struct Process {
        /// Nil until it is started. Nothing is asked of it before.
        var running: ResidentProcess?
        var isLeft = false
        /// Why it was killed.
        var killed: String?
    }

    init(environment: WarmEnvironment, settings: WarmSettings) {
        self.environment = environment
        self.settings = settings
        conversation = Mutex(WarmConversation(settings: settings, now: .now))
    }

    /// Whether it takes another operation.
    var isOpen: Bool { conversation.withLock { $0.isOpen } }
    /// Whether an operation of its is not over.
    var isBusy: Bool { conversation.withLock { $0.isBusy } }

    /// - Returns: nil when this parent takes no more.
    func ask(_ operation: WarmOperation) -> WarmTicket? {
        let asked = perform { conversation -> (WarmTicket?, [WarmConversation.Action]) in
            guard let (number, actions) = conversation.ask(operation, now: .now) else { return (nil, []) }
            let ticket = WarmTicket(number: number, answer: Promise(), end: Promise())
            tickets.withLock { $0[number] = ticket }
            return (ticket, actions)
        }
        return asked
    }

    func go(_ ticket: WarmTicket) { perform { ((), $0.go(ticket.number)) } }

    func drop(_ ticket: WarmTicket) { perform { ((), $0.drop(ticket.number)) } }

    /// Takes no more operations and ends when it has none.
    func leave() { perform { ((), $0.leave(now: .now)) } }

    /// Ends the process now. Children that have begun go on.
    func kill(because reason: String) {
        process.withLock { process in
            if process.killed == nil { process.killed = reason }
            process.running?.kill()
        }
    }

    /// Runs the process until it has ended. Every operation that it was asked for has its answer and its end then.
    func serve() async {
        let reason: String
        do {
            let resident = try start()
            let end = await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.watch() }
                let end = await resident.follow { line in
                    if let message = WarmMessage(line: ArraySlice(line.utf8)) {
                        perform { ((), $0.received(message, now: .now)) }
                    } else {
                        kill(because: "it said something that no parent says")
                    }
                }
                group.cancelAll()
                return end
            }
            let ending = end.map { "\($0)" } ?? "nobody knows how"
            reason = process.withLock { $0.killed } ?? "its process has ended: \(ending)"
        } catch {
            reason = "it could not be started: \(error)"
        }
        perform { ((), $0.ended(because: reason)) }
        over.keep(())
    }

    private func start() throws(ProcessFailure) -> ResidentProcess {
        let resident = try ResidentProcess(
            [environment.interpreter] + WarmProgram.arguments(files: environment.files),
            environment: WarmProgram.environment(environment.variables))
        process.withLock { process in
            process.running = resident
            resident.send(WarmProgram.source)
            if process.isLeft { resident.endInput() }
            if process.killed != nil { resident.kill() }
        }
        return resident
    }

    /// Looks whether it still answers, and whether it is still needed.
    private func watch() async {
        let interval = min(settings.answerLimit, settings.importLimit, settings.idle) / 4
        while !Task.isCancelled {
            await ProcessThreads.timers.sleep(for: max(interval, .milliseconds(20)))
            perform { ((), $0.tick(now: .now)) }
        }
    }

    /// Changes the conversation and does what follows.
    @discardableResult
    private func perform<Result: Sendable>(
        _ change: (inout WarmConversation) -> (Result, [WarmConversation.Action])
    ) -> Result {
        // Requests leave in the order in which the conversation made them.
        let (result, actions) = conversation.withLock { conversation in
            let (result, actions) = change(&conversation)
            process.withLock { process in
                for case .send(let request) in actions { process.running?.send(request.line) }
                if actions.contains(.close) {
                    process.isLeft = true
                    process.running?.endInput()
                }
            }
            return (result, actions)
        }
        for action in actions {
            switch action {
            case .send, .close: break
            case .answer(let number, let answer):
                ticket(number, isOver: !answer.isBeginning)?.answer.keep(answer)
            case .end(let number, let end):
                guard let ticket = ticket(number, isOver: true) else { break }
                ticket.answer.keep(.gone("its child has ended"))
                ticket.end.keep(end)
            case .kill(let reason): kill(because: reason)
            }
        }
        return result
    }

    private func ticket(_ number: Int, isOver: Bool) -> WarmTicket? {
        tickets.withLock { isOver ? $0.removeValue(forKey: number) : $0[number] }
    }
}

extension WarmAnswer {
    fileprivate var isBeginning: Bool {
        if case .began = self { true } else { false }
    }
}
