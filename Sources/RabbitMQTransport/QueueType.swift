package import AMQPClient

/// Where the broker keeps a queue.
package enum QueueType: String, Sendable, Hashable, CaseIterable {
    /// On one node.
    case classic
    /// On a majority of the nodes of a cluster.
    case quorum

    /// What a queue of this type is declared with.
    ///
    /// A classic queue is declared without any, as the Cloudify agent protocol has it.
    package var arguments: [String: AMQPFieldValue] {
        self == .quorum ? ["x-queue-type": .string("quorum")] : [:]
    }
}
