internal import DequeModule

/// What the broker answered.
enum Reply {
    case done
    case queue(AMQPQueueInfo)
    case messageCount(Int)
    case consumer(tag: String)
    case delivery(AMQPDelivery?)
}

/// A request that waits for its answer. The broker answers the requests of a channel in order.
struct PendingCall {
    let deadline: MonotonicTime
    let complete: (Result<Reply, AMQPError>) -> Void
}

/// What precedes content.
enum ContentMethod {
    case delivery(DeliveryMethod)
    case fetched(DeliveryMethod)
    case returned(ReturnMethod)
}

/// One opening of one channel. Confined to the connection's thread.
final class Channel {
    enum Role {
        case publisher
        case consumer(ConsumerSlot)
        case probe
    }

    let number: UInt16
    /// Differs for every opening, so that late acknowledgements of an earlier one are recognised.
    let generation: UInt64
    let role: Role
    var assembler: ContentAssembler<ContentMethod>
    var calls: Deque<PendingCall> = []
    var acknowledgements = AckLedger()
    /// Why it can no longer be used; nil while it is open.
    var end: AMQPError?
    /// Whether our close is on its way and its answer is awaited.
    var isClosing = false
    /// Whether the broker has ended the consumer on it: it only stays open for the acknowledgements that are still to come.
    var isRetired = false
    /// Whether acknowledgements wait to be written.
    var hasSettlements = false

    init(number: UInt16, generation: UInt64, role: Role, maximumMessageBytes: Int) {
        self.number = number
        self.generation = generation
        self.role = role
        assembler = ContentAssembler(maximumBytes: maximumMessageBytes)
    }

    /// Fails every call that waits. The first one caused the end when the broker closed the channel.
    func failCalls(_ first: AMQPError, others: AMQPError) {
        let failed = calls
        calls = []
        for (index, call) in failed.enumerated() { call.complete(.failure(index == 0 ? first : others)) }
    }
}
