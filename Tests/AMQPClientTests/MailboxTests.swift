import Synchronization
import Testing

@testable import AMQPClient

@Suite("Mailbox of the I/O thread")
struct MailboxTests {
    /// A mailbox whose owner is only counted when it is called.
    private final class Fixture: Sendable {
        let defers = Atomic(false)
        let calls = Atomic(0)

        func mailbox() -> Mailbox {
            Mailbox(
                limit: 1_000_000, defersWakeUps: { self.defers.load(ordering: .relaxed) },
                wakeUp: { self.calls.add(1, ordering: .relaxed) })
        }

        var callCount: Int { calls.load(ordering: .relaxed) }
    }

    private func publish() -> PendingPublish { PendingPublish(AMQPMessage(routingKey: "q", body: [1])) { _ in } }
    private let settlement = Mailbox.Settlement(generation: 1, tag: 1, channel: 1, kind: .acknowledge)

    @Test("The thread is called for every message and every settlement of a thread that promises nothing")
    func immediate() {
        let fixture = Fixture()
        let mailbox = fixture.mailbox()
        #expect(mailbox.post(publish()))
        mailbox.post(settlement)
        #expect(fixture.callCount == 2)
    }

    @Test("A thread that promises to flush calls once for all it has left, and what it left is all there")
    func deferred() {
        let fixture = Fixture()
        let mailbox = fixture.mailbox()
        fixture.defers.store(true, ordering: .relaxed)
        for _ in 0..<10 {
            #expect(mailbox.post(publish()))
            mailbox.post(settlement)
        }
        #expect(fixture.callCount == 0)
        mailbox.flush()
        #expect(fixture.callCount == 1)
        var contents = Mailbox.Contents()
        mailbox.take(into: &contents)
        #expect(contents.publishes.count == 10)
        #expect(contents.settlements.count == 10)
    }

    @Test("A flush with nothing left to take calls nobody")
    func nothingToFlush() {
        let fixture = Fixture()
        let mailbox = fixture.mailbox()
        fixture.defers.store(true, ordering: .relaxed)
        mailbox.flush()
        mailbox.post(settlement)
        var contents = Mailbox.Contents()
        mailbox.take(into: &contents)
        mailbox.flush()
        #expect(fixture.callCount == 0)
    }
}
