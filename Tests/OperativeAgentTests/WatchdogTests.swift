import AMQPClient
import AgentExecutors
import AgentTestSupport
import Foundation
import Logging
import Observability
import Testing

@testable import OperativeAgent

@Suite("Watchdog", .timeLimit(.minutes(3)))
struct WatchdogTests {
    private let socket: DatagramSocket
    private let clock = ManualClock()
    /// One thread: what is asked later is answered later.
    private let executor = ThreadPool(name: "test", limit: 1)
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws { socket = try DatagramSocket(isAbstract: true) }

    /// Runs a watchdog of 10 s around `body`, which begins after its first round.
    private func watching(_ loops: [MonitoredLoop], _ body: () async throws -> Void) async rethrows {
        let watchdog = WatchdogLoop(
            notifier: SystemdNotifier(
                environment: ["NOTIFY_SOCKET": socket.address, "WATCHDOG_USEC": "10000000"]),
            loops: loops, executor: executor, logger: logger
        ) { [clock] in await clock.sleep($0) }
        let running = Task { await watchdog.run() }
        await clock.untilAsleep()
        try await body()
        running.cancel()
        clock.wake()
        await running.value
    }

    private func notified() -> Int {
        var count = 0
        while let message = socket.receive() { if message == "WATCHDOG=1" { count += 1 } }
        return count
    }

    @Test("While all loops go on, systemd hears of it at half its interval")
    func alive() async {
        let loops = [TurningLoop("a"), TurningLoop("b")]
        await watching(loops.map(\.monitored)) {
            #expect(notified() == 1)
            for _ in 1...3 {
                await settle()
                await clock.tick()
                #expect(notified() == 1)
            }
        }
        #expect(Set(clock.slept) == [.seconds(5)])
    }

    @Test("One stuck loop is enough for silence, asked once and not again; when it goes on, so does the sign of life")
    func stuck() async {
        let (good, bad) = (TurningLoop("good"), TurningLoop("bad"))
        await watching([good.monitored, bad.monitored]) {
            await settle()
            bad.hold()
            await clock.tick()
            // The first round, and the second, for the turn of before.
            #expect(notified() == 2)
            for _ in 0..<3 {
                await settle()
                await clock.tick()
                #expect(notified() == 0)
            }
            await settle()
            #expect(bad.asked == 2)
            #expect(good.asked == 5)
            bad.release()
            await settle()
            await clock.tick()
            #expect(notified() == 1)
        }
    }

    @Test("A connection whose thread is held up does not answer, one whose broker is away does")
    func connections() async throws {
        let configuration = AMQPConfiguration(endpoints: [AMQPEndpoint(host: "127.0.0.1", port: 1)])
        let (idle, held) = (
            AMQPConnection(configuration: configuration, logger: logger),
            AMQPConnection(configuration: configuration, logger: logger)
        )
        idle.start()
        await idle.takeTurn()
        let (entered, release) = (Milestone(), DispatchSemaphore(value: 0))
        held.send(AMQPMessage(routingKey: "q", body: [])) { _ in
            entered.change()
            release.wait()
        }
        // The message ends with its connection, on the connection's thread.
        async let closed: Void = held.close()
        await entered.reach(1)
        let answered = Milestone()
        let asking = Task {
            await held.takeTurn()
            answered.change()
        }
        await idle.takeTurn()
        #expect(answered.count == 0)
        release.signal()
        await answered.reach(1)
        await asking.value
        await closed
        await idle.close()
    }

    /// Waits until what the loops were asked is answered, as far as they answer.
    private func settle() async { await Task(executorPreference: executor) {}.value }
}
