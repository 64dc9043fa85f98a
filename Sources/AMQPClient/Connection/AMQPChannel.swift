/// A channel that was lent by ``AMQPConnection/withChannel(_:)``.
///
/// When the broker refuses a call it closes the channel, and later calls on it fail; nothing else is touched.
public struct AMQPChannel: Sendable {
    let connection: AMQPConnection
    let number: UInt16
    let generation: UInt64

    /// Declares a queue.
    ///
    /// - Parameter passive: True to ask whether it exists instead of making it: ``AMQPError/Code/notFound`` if not.
    /// - Returns: The queue's name, and how many messages and consumers it has.
    @discardableResult
    public func declare(_ queue: AMQPQueue, passive: Bool = false) async throws(AMQPError) -> AMQPQueueInfo {
        try Limits.check(["queue": queue.name], queue.arguments)
        let reply = try await call { writer, number in writer.declare(number, queue: queue, passive: passive) }
        if case .queue(let info) = reply { return info }
        throw Self.unexpected
    }

    /// Asks how many messages and consumers a queue has: ``AMQPError/Code/notFound`` if there is none of that name.
    public func inspect(queue: String) async throws(AMQPError) -> AMQPQueueInfo {
        try await declare(AMQPQueue(name: queue), passive: true)
    }

    /// Declares an exchange.
    ///
    /// - Parameter passive: True to ask whether it exists instead of making it: ``AMQPError/Code/notFound`` if not.
    public func declare(_ exchange: AMQPExchange, passive: Bool = false) async throws(AMQPError) {
        try Limits.check(["exchange": exchange.name, "exchange type": exchange.type], exchange.arguments)
        _ = try await call { writer, number in writer.declare(number, exchange: exchange, passive: passive) }
    }

    /// Adds a binding.
    public func bind(_ binding: AMQPBinding) async throws(AMQPError) {
        try Limits.check(binding)
        _ = try await call { writer, number in writer.bind(number, binding) }
    }

    /// Removes a binding.
    public func unbind(_ binding: AMQPBinding) async throws(AMQPError) {
        try Limits.check(binding)
        _ = try await call { writer, number in writer.unbind(number, binding) }
    }

    /// Deletes a queue.
    ///
    /// - Returns: The number of messages that went with it.
    @discardableResult
    public func delete(queue: String, ifUnused: Bool = false, ifEmpty: Bool = false) async throws(AMQPError) -> Int {
        try Limits.check(["queue": queue])
        let reply = try await call { writer, number in
            writer.delete(number, queue: queue, ifUnused: ifUnused, ifEmpty: ifEmpty)
            return nil
        }
        if case .messageCount(let count) = reply { return count }
        throw Self.unexpected
    }

    /// Deletes an exchange.
    public func delete(exchange: String, ifUnused: Bool = false) async throws(AMQPError) {
        try Limits.check(["exchange": exchange])
        _ = try await call { writer, number in
            writer.delete(number, exchange: exchange, ifUnused: ifUnused)
            return nil
        }
    }

    /// Drops the ready messages of a queue.
    ///
    /// - Returns: How many there were.
    @discardableResult
    public func purge(queue: String) async throws(AMQPError) -> Int {
        try Limits.check(["queue": queue])
        let reply = try await call { writer, number in
            writer.purge(number, queue: queue)
            return nil
        }
        if case .messageCount(let count) = reply { return count }
        throw Self.unexpected
    }

    /// Fetches one message; nil when the queue is empty.
    public func get(queue: String) async throws(AMQPError) -> AMQPDelivery? {
        try Limits.check(["queue": queue])
        let reply = try await call { writer, number in
            writer.get(number, queue: queue)
            return nil
        }
        if case .delivery(let delivery) = reply { return delivery }
        throw Self.unexpected
    }

    private func call(_ write: @Sendable (inout FrameWriter, UInt16) -> AMQPError?) async throws(AMQPError) -> Reply {
        try await connection.callProbe(number, generation, write)
    }

    func close() async {
        await connection.closeProbe(number, generation)
    }

    private static let unexpected = AMQPError(.protocolViolation, "the broker gave an answer to another question")
}
