internal import AgentExecutors
internal import CAgentShims
internal import Glibc
internal import Synchronization

/// A program that stays while the agent speaks with it in lines: requests to its standard input, answers from its standard output.
///
/// Its standard error is a life line: a pipe whose other end this process alone holds, and never reads. No thread waits for the
/// program, and nothing here needs Swift's shared pool.
package final class ResidentProcess: Sendable {
    private struct Input {
        var descriptor: Int32
        /// What the program has made no room for yet.
        var rest: [UInt8] = []
        var isEnding = false
        var isDelayed = false
    }

    /// How long bytes wait that the program has no room for, until they are offered again.
    private static let pause: Duration = .milliseconds(10)

    private let child: ChildProcess
    private let input: Mutex<Input>
    private let output: Int32
    private let lifeline: Int32

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments. A program without a slash is looked up in `PATH` of `environment`.
    ///   - environment: all that it has.
    /// - Throws: ``ProcessFailure``.
    package init(_ command: [String], environment: [String: String]) throws(ProcessFailure) {
        var made: [[Int32]] = []
        for isSocket in [true, false, false] {
            var ends: [Int32] = [-1, -1]
            guard unsafe (isSocket ? agent_make_socket_pair(&ends) : agent_make_pipe(&ends)) == 0 else {
                let reason = unsafe String(cString: strerror(errno))
                for descriptor in made.joined() { close(descriptor) }
                throw ProcessFailure("No pipe for a process: \(reason).")
            }
            made.append(ends)
        }
        let (own, others) = (made.map { $0[0] }, made.map { $0[1] })
        defer { for descriptor in others { close(descriptor) } }
        do throws(ProcessFailure) {
            child = try ChildProcess(
                command, environment: environment, input: others[0], output: others[1], error: others[2])
        } catch {
            for descriptor in own { close(descriptor) }
            throw error
        }
        input = Mutex(Input(descriptor: own[0]))
        output = own[1]
        lifeline = own[2]
    }

    /// Sends bytes, behind those that were sent before. Does not wait: what the program does not take now it is offered again.
    package func send(_ bytes: [UInt8]) {
        input.withLock { input in
            guard !input.isEnding else { return }
            input.rest += bytes
            offer(&input)
        }
    }

    /// Sends what is left and then the end.
    package func endInput() {
        input.withLock { input in
            input.isEnding = true
            offer(&input)
        }
    }

    package func kill() { child.kill() }

    /// Hands out the program's lines until it closes its output; ends it then, if it has not by itself. To be called once.
    ///
    /// - Returns: how it ended; nil when that is not known.
    package func follow(_ onLine: (String) -> Void) async -> ProcessEnd? {
        await read(onLine)
        kill()
        let end = await child.end()
        input.withLock { input in
            input.isEnding = true
            input.rest = []
            offer(&input)
        }
        close(output)
        close(lifeline)
        return end
    }

    private func read(_ onLine: (String) -> Void) async {
        let events = ProcessEvents()
        let watch = DescriptorWatch.shared
        guard let token = watch.add(output, onReadable: { events.post(.readable(.output)) }) else { return }
        defer { watch.remove(token) }
        var lines = LineSplitter()
        while true {
            _ = await events.next()
            switch ProcessInlet.read(output) {
            case .nothingYet: break
            case .end: return
            case .bytes(let bytes): for line in lines.add(bytes) { onLine(line) }
            }
            watch.rearm(token)
        }
    }

    /// Called with the lock held.
    private func offer(_ input: inout Input) {
        while !input.rest.isEmpty, input.descriptor >= 0 {
            let count = unsafe input.rest.withUnsafeBytes { buffer in
                unsafe Glibc.send(input.descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                input.rest.removeFirst(count)
            } else if errno == EAGAIN {
                return offerLater(&input)
            } else if errno != EINTR {
                // Nobody reads any more: its end is told in another way.
                input.rest = []
            }
        }
        guard input.isEnding, input.descriptor >= 0 else { return }
        close(input.descriptor)
        input.descriptor = -1
    }

    private func offerLater(_ input: inout Input) {
        guard !input.isDelayed else { return }
        input.isDelayed = true
        _ = ProcessThreads.timers.schedule(after: Self.pause) {
            self.input.withLock { input in
                input.isDelayed = false
                self.offer(&input)
            }
        }
    }
}
