import AgentExecutors
import Subprocess
import Synchronization
import SystemPackage

/// A resident parent: its process, and the operations that it was asked for.
final class WarmParent: Sendable {
    let environment: WarmEnvironment
    private let settings: WarmSettings
    private let conversation: Mutex<WarmConversation>
    private let tickets = Mutex<[Int: WarmTicket]>([:])
    private let outbox: AsyncStream<WarmRequest>
    private let send: AsyncStream<WarmRequest>.Continuation
    private let killed = Mutex<String?>(nil)
    private let doom = WarmPromise<Void>()

    init(environment: WarmEnvironment, settings: WarmSettings) {
        self.environment = environment
        self.settings = settings
        conversation = Mutex(WarmConversation(settings: settings, now: .now))
        (outbox, send) = AsyncStream.makeStream()
    }

    /// Whether it takes another operation.
    var isOpen: Bool { conversation.withLock { $0.isOpen } }
    /// Whether an operation of its is not over.
    var isBusy: Bool { conversation.withLock { $0.isBusy } }

    /// - Returns: nil when this parent takes no more.
    func ask(_ operation: WarmOperation) -> WarmTicket? {
        let asked = perform { conversation -> (WarmTicket?, [WarmConversation.Action]) in
            guard let (number, actions) = conversation.ask(operation, now: .now) else { return (nil, []) }
            let ticket = WarmTicket(number: number, answer: WarmPromise(), end: WarmPromise())
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
        killed.withLock { if $0 == nil { $0 = reason } }
        doom.keep(())
    }

    /// Runs the process until it has ended. Every operation that it was asked for has its answer and its end then.
    @concurrent
    func serve() async {
        let reason: String
        do {
            let result = try await Subprocess.run(
                configuration, input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                _ = try? await execution.standardInputWriter.write(WarmProgram.source)
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await self.write(to: execution.standardInputWriter) }
                    group.addTask { await self.watch() }
                    group.addTask {
                        await self.doom.value()
                        try? execution.send(signal: .kill)
                    }
                    await self.read(execution.standardOutput)
                    self.doom.keep(())
                    self.send.finish()
                    group.cancelAll()
                }
            }
            reason = killed.withLock { $0 } ?? "its process has ended: \(result.terminationStatus)"
        } catch {
            reason = "it could not be started: \(error)"
        }
        perform { ((), $0.ended(because: reason)) }
        send.finish()
    }

    private var configuration: Configuration {
        var options = PlatformOptions()
        options.createSession = true
        let program = environment.interpreter
        return Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(WarmProgram.arguments(files: environment.files)),
            environment: .custom(
                Dictionary(
                    environment.variables.compactMap { name, value in
                        Environment.Key(rawValue: name).map { ($0, value) }
                    }, uniquingKeysWith: { first, _ in first })),
            workingDirectory: "/", platformOptions: options)
    }

    private func write(to writer: StandardInputWriter) async {
        for await request in outbox {
            guard (try? await writer.write(request.line)) != nil else { return }
        }
        try? await writer.finish()
    }

    private func read(_ output: SubprocessOutputSequence) async {
        do {
            for try await line in output.strings() {
                guard let message = WarmMessage(line: ArraySlice(line.utf8)) else {
                    kill(because: "it said something that no parent says")
                    continue
                }
                perform { ((), $0.received(message, now: .now)) }
            }
        } catch {
            kill(because: "its answers cannot be read: \(error)")
        }
    }

    /// Looks whether it still answers, and whether it is still needed.
    private func watch() async {
        let interval = min(settings.answerLimit, settings.importLimit, settings.idle) / 4
        while !Task.isCancelled {
            try? await Task.sleep(for: max(interval, .milliseconds(20)))
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
            for case .send(let request) in actions { send.yield(request) }
            if actions.contains(.close) { send.finish() }
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
