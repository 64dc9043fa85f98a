internal import AgentRuntime
internal import ServiceLifecycle

/// Has systemd's status line say when no new tasks are taken in, and when they are again.
struct IntakeStatusService: Service {
    let runtime: AgentRuntime
    let status: SystemdStatus

    func run() async throws {
        await cancelWhenGracefulShutdown {
            status.note(intakeProblem: runtime.intakeProblem)
            for await _ in runtime.intakeChanges { status.note(intakeProblem: runtime.intakeProblem) }
        }
    }
}
