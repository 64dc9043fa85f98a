import AgentExecutors
import Testing

@testable import AgentRuntime

@Suite("Slots", .timeLimit(.minutes(2)))
struct SlotPoolTests {
    private let timers = TimerThread()

    private func pool(_ size: Int, patience: Duration) -> SlotPool {
        SlotPool(size: size, patience: patience, timers: timers)
    }

    /// Asks for a slot and goes on at once.
    private func ask(_ pool: SlotPool, alone: Bool = false) -> (ticket: SlotTicket, granted: Task<Bool, Never>) {
        let ticket = SlotTicket()
        return (ticket, Task { await pool.acquire(ticket, alone: alone) })
    }

    /// The same, and waits until it stands in the line.
    private func standInLine(_ pool: SlotPool, alone: Bool = false) async -> SlotTicket {
        let before = pool.waitingCount
        let ticket = ask(pool, alone: alone).ticket
        while pool.waitingCount == before, ticket.isDecided == nil { await Task.yield() }
        return ticket
    }

    @Test("Who is to run alone waits for the others, runs, and lets those behind him go when he has ended")
    func alone() async {
        let pool = pool(2, patience: .seconds(3_600))
        let first = SlotTicket()
        #expect(await pool.acquire(first))
        let loner = await standInLine(pool, alone: true)
        let behind = await standInLine(pool)
        #expect(loner.isDecided == nil && behind.isDecided == nil)
        #expect(pool.loner?.ticket === loner && pool.loner?.runsAt != nil)
        pool.release(first)
        #expect(loner.isDecided == true && behind.isDecided == nil)
        #expect(pool.loner?.isRunning == true)
        pool.release(loner)
        #expect(behind.isDecided == true)
        #expect(pool.loner == nil)
    }

    @Test("After his patience he runs beside what still runs; that what ends meanwhile lets nobody else in")
    func patience() async {
        let pool = pool(3, patience: .milliseconds(20))
        let (stuck, other) = (SlotTicket(), SlotTicket())
        #expect(await pool.acquire(stuck))
        #expect(await pool.acquire(other))
        let loner = ask(pool, alone: true)
        #expect(await loner.granted.value)
        let behind = await standInLine(pool)
        pool.release(other)
        #expect(behind.isDecided == nil)
        // He was answered for and does not end: he keeps his slot and nothing else.
        pool.endSolitude(loner.ticket)
        #expect(behind.isDecided == true)
        #expect(pool.busy == 3)
        pool.release(stuck)
        pool.release(loner.ticket)
        pool.release(behind)
        #expect(pool.busy == 0)
    }

    @Test("With every slot taken he waits as everybody does, and his patience begins with the first that is free")
    func noSlot() async {
        let pool = pool(1, patience: .milliseconds(20))
        let first = SlotTicket()
        #expect(await pool.acquire(first))
        let loner = await standInLine(pool, alone: true)
        #expect(pool.loner?.runsAt == nil)
        pool.release(first)
        #expect(loner.isDecided == true)
    }

    @Test("When he is cancelled those behind him go on at once")
    func cancelled() async {
        let pool = pool(2, patience: .seconds(3_600))
        let first = SlotTicket()
        #expect(await pool.acquire(first))
        let loner = await standInLine(pool, alone: true)
        let behind = await standInLine(pool)
        loner.withdraw()
        pool.lookAgain()
        #expect(behind.isDecided == true)
        #expect(pool.loner == nil)
    }

    @Test("Who was cancelled does not stay in the line for as long as nobody in front of him is served")
    func cancelStorm() async {
        let pool = pool(1, patience: .seconds(3_600))
        #expect(await pool.acquire(SlotTicket()))
        let first = await standInLine(pool)
        for _ in 0..<1_000 {
            let cancelled = SlotTicket()
            cancelled.withdraw()
            #expect(await pool.acquire(cancelled) == false)
        }
        #expect(pool.waitingCount <= 128)
        #expect(first.isDecided == nil)
    }
}
