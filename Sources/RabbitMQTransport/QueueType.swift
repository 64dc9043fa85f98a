package import AMQPClient

/// Where the broker keeps a queue.
package enum QueueType: String, Sendable, Hashable, CaseIterable {
    /// On one node.
    case classic
    /// On a majority of the nodes of a cluster.
    case quorum

    private static let deliveryLimit = Int64(Int32.max)

    /// What a queue of this type is declared with.
    ///
    /// A classic queue is declared without any, as the Cloudify agent protocol has it. A quorum queue counts how often a
    /// message was given back, and from RabbitMQ 4 on drops it after the twentieth time; an agent whose disk is full gives
    /// back more often than that. -1, for no limit, is taken from 4.0 on only: before, it would drop at once. So the limit is
    /// one that is never reached, and the same for all, as a queue cannot be declared with another later.
    package var arguments: [String: AMQPFieldValue] {
        self == .quorum
            ? ["x-queue-type": .string("quorum"), "x-delivery-limit": .integer(Self.deliveryLimit)] : [:]
    }
}
