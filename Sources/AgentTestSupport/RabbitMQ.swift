import Foundation
public import Testing

/// The broker of the running test: a virtual host of its own on the shared node.
public struct RabbitMQ: Sendable {
    /// The node that all tests of the process share.
    public let node: RabbitMQNode
    /// The virtual host of this test.
    public let virtualHost: String
    /// `127.0.0.1`.
    public var host: String { "127.0.0.1" }
    /// The AMQP port.
    public var port: Int { node.port }
    /// `guest`.
    public var username: String { "guest" }
    /// `guest`.
    public var password: String { "guest" }

    @TaskLocal private static var scoped: RabbitMQ?

    /// The broker of the running test. Only within tests that have the `.rabbitMQ` trait.
    public static var current: RabbitMQ {
        guard let scoped else { preconditionFailure("add the .rabbitMQ trait to the test or its suite") }
        return scoped
    }

    /// Lends a fresh virtual host on a node, and removes it afterwards.
    public static func withVirtualHost<Output: Sendable>(
        on node: RabbitMQNode, _ body: @Sendable (RabbitMQ) async throws -> Output
    ) async throws -> Output {
        let broker = RabbitMQ(node: node, virtualHost: "test-\(UUID().uuidString.lowercased())")
        try await node.management.createVirtualHost(broker.virtualHost)
        do {
            let output = try await $scoped.withValue(broker) { try await body(broker) }
            try? await node.management.deleteVirtualHost(broker.virtualHost)
            return output
        } catch {
            try? await node.management.deleteVirtualHost(broker.virtualHost)
            throw error
        }
    }
}

/// Gives each test a fresh virtual host, ``RabbitMQ/current``, on a private node.
public struct RabbitMQTrait: SuiteTrait, TestTrait, TestScoping {
    /// Each test of a suite gets its own.
    public var isRecursive: Bool { true }

    /// Runs the test within its virtual host.
    @concurrent
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await RabbitMQ.withVirtualHost(on: try await RabbitMQNode.shared) { _ in try await function() }
    }
}

extension Trait where Self == RabbitMQTrait {
    /// Gives each test a fresh virtual host, ``RabbitMQ/current``, on a private node.
    public static var rabbitMQ: Self { Self() }
}
