package import AgentExecutors
internal import AgentSabotage
internal import Logging
package import Operative
internal import Synchronization

/// The agent without its transports: takes tasks in, runs them, and sees their outcomes out.
///
/// Everything here runs on one thread of its own, where no plugin's code ever sits; operations have threads to themselves. See docs/architecture.md.
package final class AgentRuntime: Sendable {
    let configuration: RuntimeConfiguration
    let ports: RuntimePorts
    let pipeline: TaskPipeline
    let services: ServiceDesk
    private let timers: TimerThread
    let loop: DispatchThread
    let stop = StopState()

    /// - Parameter dispatcher: the thread everything here runs on. Ports that want to hear when it pauses share it.
    package init(
        configuration: RuntimeConfiguration, registry: OperationRegistry, ports: RuntimePorts,
        timers: TimerThread = TimerThread(), dispatcher: DispatchThread = DispatchThread(name: "op-runtime")
    ) {
        self.configuration = configuration
        self.ports = ports
        self.timers = timers
        loop = dispatcher
        pipeline = TaskPipeline(
            configuration: configuration, registry: registry, ports: ports, timers: timers, dispatcher: loop)
        services = ServiceDesk(configuration: configuration, ports: ports, pipeline: pipeline)
    }

    /// Serves until `requestStop()`, then drains. Returns when every task has an outcome, was handed back, or had to be given up.
    package func run() async {
        await withTaskExecutorPreference(loop) {
            async let serving: Void = serveServices()
            await serveOperations()
            await serving
        }
    }

    /// Stops taking tasks, hands back those that wait, and lets running ones end within `drain_timeout`. Returns at once; may be called more than once.
    package func requestStop() {
        guard stop.request() else { return }
        Task(executorPreference: loop) { await self.drain() }
    }

    /// Cuts the drain short: running operations are cancelled now.
    package func hurry() {
        pipeline.interruptRunning(grace: configuration.cancellationGrace)
        _ = giveUp(after: configuration.longestSettling)
    }

    /// True once the agent was told to stop by an operation of its own (the Cloudify agent's `stop` task), not by `requestStop()`.
    package var wasStoppedByTask: Bool { pipeline.stopRequestedByTask.isSet }

    /// Returns when the runtime's thread has come round: a sign that it goes on.
    package func takeTurn() async { await Task(executorPreference: loop) {}.value }

    private func serveOperations() async {
        pipeline.stopRequestedByTask.onSet { [self] in requestStop() }
        await withTaskGroup { background in
            background.addTask { await self.pipeline.undeliverable.run() }
            if !configuration.sharesQueue { background.addTask { await self.pipeline.parkOverdueAgain() } }
            await withDiscardingTaskGroup { group in
                for task in await unfinished() where !Sabotage.isOn(.noRecovery) {
                    Failpoint.reach(.recovering)
                    pipeline.announce()
                    group.addTask { await self.pipeline.process(.recovered(task)) }
                }
                group.addTask { await self.serveRevivals() }
                group.addTask { await self.serveTakenUp() }
                while let messages = await ports.operations.next() {
                    for _ in messages { pipeline.announce() }
                    await pipeline.inherited.arrived(messages)
                    for message in messages {
                        group.addTask { await self.pipeline.process(message) }
                    }
                }
                pipeline.revive.finish()
                pipeline.takeUps.finish()
            }
            // Replies that nobody would take may still wait for their queue; they are on disk and not worth waiting for.
            background.cancelAll()
            ports.sink.abandon()
        }
        await ports.services.stop()
        services.jobs.end()
    }

    /// Takes up what had to be left in the journal while that could not be written. What is in the agent's hands already joins itself.
    private func serveRevivals() async {
        await withDiscardingTaskGroup { group in
            for await _ in pipeline.revivals {
                for task in await unfinished() {
                    pipeline.announce()
                    group.addTask { await self.pipeline.process(.recovered(task)) }
                }
            }
        }
    }

    private func serveTakenUp() async {
        await withDiscardingTaskGroup { group in
            for await message in pipeline.takenUp {
                group.addTask { await self.pipeline.process(message) }
            }
        }
    }

    /// Waits for as long as the journal cannot be read: nothing may be taken in without knowing what there is.
    private func unfinished() async -> [UnfinishedTask] {
        while !stop.isRequested {
            do {
                return try await ports.journal.unfinished()
            } catch {
                ports.logger.error("The journal cannot be read: trying again. \(error)")
                await timers.sleep(for: .seconds(1))
            }
        }
        return []
    }

    private func serveServices() async {
        await withDiscardingTaskGroup { group in
            while let messages = await ports.services.next() {
                for message in messages {
                    group.addTask { await self.services.process(message) }
                }
            }
        }
    }

    private func drain() async {
        ports.logger.info("Stopping: no new tasks", metadata: ["running": "\(pipeline.runningCount)"])
        pipeline.stopStarting()
        await ports.operations.stop()
        pipeline.handBackWaiting()
        let hurry = timers.schedule(after: configuration.drainTimeout) { [self] in
            ports.logger.warning(
                "drain_timeout is over: cancelling what still runs", metadata: ["running": "\(pipeline.runningCount)"])
            self.hurry()
        }
        let giveUp = giveUp(after: configuration.drainTimeout + configuration.longestSettling)
        await pipeline.untilIdle()
        timers.cancel(hurry)
        timers.cancel(giveUp)
    }

    /// Stops waiting for the broker when outcomes are still not out after `delay`.
    private func giveUp(after delay: Duration) -> TimerThread.Token {
        timers.schedule(after: delay) { [self] in
            guard !pipeline.isIdle else { return }
            ports.logger.error("Outcomes could not be handed over in time: they stay unacknowledged")
            pipeline.giveUpManagers()
            ports.sink.abandon()
        }
    }
}
