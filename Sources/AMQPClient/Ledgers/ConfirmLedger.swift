import DequeModule

/// The messages that are on their way and not confirmed, in the order in which they were published.
///
/// With confirms switched on, the broker numbers the messages of a channel from one. It confirms a single number, or with
/// `multiple` every number up to one. A message that no queue took comes back *before* its confirm and without a number, so
/// it is recognised by its content.
struct ConfirmLedger<Message> {
    /// How a message ended.
    enum Verdict: Equatable {
        case confirmed
        case nacked
        case returned(code: UInt16, text: String)
    }

    private struct Entry {
        let message: Message
        var isSettled = false
        var returned: (code: UInt16, text: String)?
    }

    private var entries: Deque<Entry> = []
    /// The publish number of the first entry.
    private var base: UInt64 = 1

    /// The messages that are not confirmed and not yet dropped.
    private(set) var openCount = 0

    /// The number that the next message will have.
    var nextNumber: UInt64 { base &+ UInt64(entries.count) }

    /// Notes a message as published.
    mutating func published(_ message: Message) {
        entries.append(Entry(message: message))
        openCount += 1
    }

    /// Notes that the broker handed back the oldest open message that matches. False when there is none.
    mutating func returned(code: UInt16, text: String, matching isSame: (Message) -> Bool) -> Bool {
        for index in entries.indices
        where !entries[index].isSettled && entries[index].returned == nil && isSame(entries[index].message) {
            entries[index].returned = (code, text)
            return true
        }
        return false
    }

    /// Settles one number, or every open number up to it. Numbers that were never published are ignored.
    mutating func settle(_ number: UInt64, multiple: Bool, nacked: Bool, _ complete: (Message, Verdict) -> Void) {
        guard number >= base else { return }
        let index = Int(clamping: number &- base)
        if multiple {
            for each in 0..<min(index + 1, entries.count) { settleEntry(at: each, nacked: nacked, complete) }
        } else if index < entries.count {
            settleEntry(at: index, nacked: nacked, complete)
        }
        while let first = entries.first, first.isSettled {
            entries.removeFirst()
            base &+= 1
        }
    }

    /// Gives up the numbering and hands back what is open, oldest first: the channel is gone.
    mutating func reset() -> [Message] {
        let open = entries.lazy.filter { !$0.isSettled }.map(\.message)
        let messages = Array(open)
        entries.removeAll()
        base = 1
        openCount = 0
        return messages
    }

    private mutating func settleEntry(at index: Int, nacked: Bool, _ complete: (Message, Verdict) -> Void) {
        guard !entries[index].isSettled else { return }
        entries[index].isSettled = true
        openCount -= 1
        let entry = entries[index]
        if let returned = entry.returned {
            complete(entry.message, .returned(code: returned.code, text: returned.text))
        } else {
            complete(entry.message, nacked ? .nacked : .confirmed)
        }
    }
}
