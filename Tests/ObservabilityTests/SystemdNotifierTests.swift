import AgentTestSupport
import Foundation
import Observability
import Synchronization
import Testing

@Suite("Notifications to systemd")
struct SystemdNotifierTests {
    @Test("Every notification arrives as one datagram, at a path and at an abstract address", arguments: [false, true])
    func messages(isAbstract: Bool) throws {
        let socket = try DatagramSocket(isAbstract: isAbstract)
        let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": socket.address])
        #expect(notifier.isEnabled)
        notifier.ready(status: "consuming")
        #expect(socket.receive() == "READY=1\nSTATUS=consuming")
        notifier.ready()
        #expect(socket.receive() == "READY=1")
        notifier.status("3 running\nREADY=1")
        #expect(socket.receive() == "STATUS=3 running READY=1")
        notifier.watchdog()
        #expect(socket.receive() == "WATCHDOG=1")
        notifier.stopping(status: "draining")
        #expect(socket.receive() == "STOPPING=1\nSTATUS=draining")
        notifier.extendTimeout(by: .seconds(30))
        #expect(socket.receive() == "EXTEND_TIMEOUT_USEC=30000000")
        #expect(socket.receive() == nil)
    }

    @Test(
        "A supervisor that does not read holds nothing up: the latest of each kind is kept and sent in order when it reads again"
    )
    func fullQueue() throws {
        let socket = try DatagramSocket(isAbstract: true)
        let timer = ManualTimer()
        let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": socket.address], later: timer.schedule)
        // More than any kernel keeps for a socket; with a wait for each this would take far longer than the suite may.
        let clock = ContinuousClock()
        let took = clock.measure {
            for _ in 0..<2_000 { notifier.watchdog() }
            notifier.status("old")
            notifier.ready(status: "new")
            for number in 1...100 { notifier.status("newer \(number)") }
            notifier.stopping()
        }
        #expect(took < .seconds(60))
        #expect(timer.pauses == [.milliseconds(100)], "one attempt at a time")
        timer.fire()
        while timer.pauses.count < 8 { timer.fire() }
        #expect(timer.pauses.last == .seconds(1))
        var received: [String] = []
        while let message = socket.receive() { received.append(message) }
        #expect(received.allSatisfy { $0 == "WATCHDOG=1" })
        timer.fire()
        #expect(socket.receive() == "READY=1\nSTATUS=new")
        #expect(socket.receive() == "STATUS=newer 100")
        #expect(socket.receive() == "STOPPING=1")
        #expect(socket.receive() == nil)
        #expect(!timer.isArmed)
    }

    @Test("What found no room goes out before the next sign of life, without a timer too")
    func withSignOfLife() throws {
        let socket = try DatagramSocket(isAbstract: true)
        let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": socket.address])
        for _ in 0..<2_000 { notifier.watchdog() }
        notifier.status("not consuming")
        while socket.receive() != nil {}
        notifier.watchdog()
        #expect(socket.receive() == "STATUS=not consuming")
        #expect(socket.receive() == "WATCHDOG=1")
        #expect(socket.receive() == nil)
    }

    @Test("A status line is cut before systemd would ignore its message, at a character's end")
    func longStatus() throws {
        let socket = try DatagramSocket(isAbstract: true)
        let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": socket.address])
        notifier.ready(status: String(repeating: "ä", count: 10_000))
        #expect(socket.receive() == "READY=1\nSTATUS=" + String(repeating: "ä", count: 1_000))
    }

    @Test("A reload carries the monotonic clock, as systemd asks for")
    func reloading() throws {
        let socket = try DatagramSocket(isAbstract: true)
        SystemdNotifier(environment: ["NOTIFY_SOCKET": socket.address]).reloading()
        let message = try #require(socket.receive())
        let match = try #require(message.wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=(\d+)/))
        let sent = try #require(Double(match.output.1)) / 1e6
        #expect(abs(sent - ProcessInfo.processInfo.systemUptime) < 60)
    }

    @Test("Without systemd, or with an address that cannot be one, nothing happens")
    func disabled() {
        for environment in [
            [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"], ["NOTIFY_SOCKET": "@"],
            ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 107)],
        ] {
            let notifier = SystemdNotifier(environment: environment)
            #expect(!notifier.isEnabled)
            notifier.ready()
        }
        let absent = SystemdNotifier(environment: ["NOTIFY_SOCKET": "/nowhere/notify"])
        #expect(absent.isEnabled)
        absent.ready()
    }

    @Test("The watchdog interval counts only when it is meant for this process")
    func watchdogInterval() {
        func interval(_ environment: [String: String]) -> Duration? {
            SystemdNotifier(environment: environment, processID: 42).watchdogInterval
        }
        #expect(interval(["WATCHDOG_USEC": "30000000"]) == .seconds(30))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"]) == .seconds(30))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "0"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "soon"]) == nil)
        #expect(interval([:]) == nil)
    }
}

/// Time that passes when the test says so.
private final class ManualTimer: Sendable {
    private struct State {
        var pauses: [Duration] = []
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    var pauses: [Duration] { state.withLock { $0.pauses } }
    var isArmed: Bool { state.withLock { $0.action != nil } }

    func schedule(_ pause: Duration, _ action: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.pauses.append(pause)
            state.action = action
        }
    }

    func fire() {
        let action = state.withLock { state in
            defer { state.action = nil }
            return state.action
        }
        action?()
    }
}
