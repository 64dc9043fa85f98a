internal import RabbitMQTransport
internal import ServiceLifecycle

/// Rescues delayed messages whose queue was missing.
struct SweepService: Service {
    let transport: RabbitMQTransport

    func run() async throws {
        await cancelWhenGracefulShutdown { await transport.sweep() }
    }
}
