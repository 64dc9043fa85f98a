/// A consumer over all its channels. Confined to the connection's thread.
final class ConsumerSlot {
    /// Why a consumer's channel is no longer of use.
    enum End {
        /// The connection is gone; it comes back by itself.
        case sessionLost
        /// The broker ended the consumer or closed the channel.
        case refused(AMQPError)
        /// The owner cancelled it.
        case cancelled
    }

    let consumer: AMQPConsumer
    let buffer = DeliveryBuffer()
    /// Deliveries of this turn, handed over together.
    var batch: [AMQPDelivery] = []
    var isFilled = false
    var isCancelled = false
    /// Whether the broker has answered the cancel: nothing more will be delivered.
    var isDrained = false
    var channel: Channel?
    var tag = ""
    /// Set once the first attempt has succeeded or failed.
    var firstResult: Result<Void, AMQPError>?
    let started = Signal()
    private var end: End?
    private var endSignal = Signal()

    init(_ consumer: AMQPConsumer) {
        self.consumer = consumer
    }

    /// Forgets how the last channel ended.
    func prepare() {
        end = isCancelled ? .cancelled : nil
        endSignal = Signal()
        if isCancelled { endSignal.fire() }
    }

    /// Waits until the channel ends.
    func waitForEnd() async -> End {
        await endSignal.wait()
        return end ?? .sessionLost
    }

    /// The channel ended. The first reason counts.
    func ended(_ reason: End) {
        if end == nil { end = reason }
        endSignal.fire()
    }

    func finishFirst(_ result: Result<Void, AMQPError>) {
        guard firstResult == nil else { return }
        firstResult = result
        started.fire()
    }
}
