import Testing

@testable import AgentRuntime

@Suite("The intake gate", .timeLimit(.minutes(2)))
struct IntakeGateTests {
    @Test("Whoever closes waits for the same pause, and only the first of a reason is told so")
    func secondCloser() async {
        let source = SlowTaskSource()
        let gate = IntakeGate(source: source)
        let first = Task { await gate.close(.noRoom) }
        await source.pausing.arrival(1)
        let second = Task {
            defer { source.note("second") }
            return await gate.close(.noRoom)
        }
        let other = Task {
            defer { source.note("other") }
            return await gate.close(.noStorage)
        }
        for await _ in gate.changes where gate.isClosed(.noStorage) { break }
        #expect(source.notes.isEmpty, "nobody goes on while messages still come")
        source.pausing.open()
        #expect(await first.value == true)
        #expect(await second.value == false)
        #expect(await other.value == true)
        #expect(source.notes.first == "paused")
        #expect(source.pausing.arrivals == 1)
        #expect(await gate.close(.noRoom) == false)
    }

    @Test("Opened while the source is still being paused, it takes tasks in again once that has ended")
    func openedMeanwhile() async {
        let source = SlowTaskSource()
        let gate = IntakeGate(source: source)
        let closing = Task { await gate.close(.noRoom) }
        await source.pausing.arrival(1)
        gate.open(.noRoom)
        #expect(source.notes.isEmpty, "a resume now would come before the pause")
        source.pausing.open()
        _ = await closing.value
        #expect(source.notes == ["paused", "resumed"])
    }

    @Test(
        "However closing and opening meet, nothing is taken in while a reason stands, and something is when none does")
    func manyAtOnce() async {
        let source = SlowTaskSource()
        source.pausing.open()
        let gate = IntakeGate(source: source)
        await withTaskGroup { group in
            for reason in [IntakeGate.Reason.noRoom, .noStorage] {
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<200 {
                            await gate.close(reason)
                            gate.open(reason)
                        }
                    }
                }
            }
        }
        #expect(source.notes.last == "resumed")
        #expect(zip(source.notes, source.notes.dropFirst()).allSatisfy { $0 != $1 }, "pause and resume in turn")
        await gate.close(.noRoom)
        #expect(source.notes.last == "paused")
    }
}
