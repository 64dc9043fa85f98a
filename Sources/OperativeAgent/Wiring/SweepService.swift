internal import RabbitMQTransport
internal import ServiceLifecycle

/// Rescues delayed messages whose queue was missing, and declares again what was deleted.
struct SweepService: Service {
    let transport: RabbitMQTransport
    let executor: any TaskExecutor

    func run() async throws {
        // Not waited for at the end: its calls may wait for a broker that is away, until the transport is closed.
        let sweeping = Task(executorPreference: executor) { await transport.sweep() }
        try? await gracefulShutdown()
        sweeping.cancel()
    }
}
