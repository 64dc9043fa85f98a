import AgentTestSupport
import Foundation
import Observability
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
