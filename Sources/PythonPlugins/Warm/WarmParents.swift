import Logging
import OperationProcesses

/// The resident parents of all environments, and which environments must do without.
actor WarmParents {
    /// Where an operation of an environment is to run.
    enum Choice {
        case warm(WarmParent)
        /// For this reason; nil when it has been told already.
        case cold(String)
    }

    /// A verdict holds for one module of an environment, or for all of it.
    private struct Subject: Hashable {
        let environment: WarmEnvironment
        let module: String?
    }

    private let settings: WarmSettings
    private let logger: Logger
    private var parents: [WarmEnvironment: WarmParent] = [:]
    private var order: [WarmEnvironment] = []
    private var serving: [ObjectIdentifier: WarmParent] = [:]
    private var verdicts: [Subject: (reason: String, until: ContinuousClock.Instant)] = [:]
    private var deaths: [WarmEnvironment: Int] = [:]
    private var told: Set<String> = []
    private var isClosed = false

    init(settings: WarmSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    func choose(_ environment: WarmEnvironment, module: String) -> Choice {
        guard !isClosed else { return .cold("the agent stops") }
        for subject in [
            Subject(environment: environment, module: module), Subject(environment: environment, module: nil),
        ] {
            guard let verdict = verdicts[subject] else { continue }
            if verdict.until > .now { return .cold(verdict.reason) }
            verdicts[subject] = nil
        }
        if let parent = parents[environment] {
            if parent.isOpen {
                touch(environment)
                return .warm(parent)
            }
            forget(parent)
        }
        // Those that still work off their last operations count as well: each is a process with memory of its own.
        if serving.count >= settings.parents {
            guard let idle = order.first(where: { parents[$0]?.isBusy == false }), let parent = parents[idle] else {
                return .cold("all \(settings.parents) resident parents are at work (python.warm.parents)")
            }
            forget(parent)
        }
        let parent = WarmParent(environment: environment, settings: settings)
        parents[environment] = parent
        touch(environment)
        serving[ObjectIdentifier(parent)] = parent
        // Not on Swift's shared pool, which plugins that block can hold.
        Task(executorPreference: ProcessThreads.executor) {
            await parent.serve()
            await self.ended(parent)
        }
        return .warm(parent)
    }

    /// Takes a parent out of use; it ends when its operations are over.
    func forget(_ parent: WarmParent) {
        if parents[parent.environment] === parent {
            parents[parent.environment] = nil
            order.removeAll { $0 == parent.environment }
        }
        parent.leave()
    }

    /// An operation was refused for a reason that will not go away by itself.
    func judge(_ environment: WarmEnvironment, module: String?, reason: String) {
        if verdicts.count >= 1024 { verdicts.removeAll() }
        verdicts[Subject(environment: environment, module: module)] = (reason, .now + settings.verdictLifetime)
    }

    /// A parent died with an operation that it was asked for. Three in a row, and its environment does without.
    func died(_ parent: WarmParent, reason: String) {
        forget(parent)
        let count = (deaths[parent.environment] ?? 0) + 1
        if deaths.count >= 1024 { deaths.removeAll() }
        deaths[parent.environment] = count
        if count >= 3 {
            deaths[parent.environment] = nil
            judge(parent.environment, module: nil, reason: "its parents died one after the other: \(reason)")
        }
    }

    func succeeded(_ environment: WarmEnvironment) { deaths[environment] = nil }

    /// Says once for each environment and reason why its operations run cold.
    func tell(_ environment: WarmEnvironment, reason: String) {
        if told.count >= 1024 { told.removeAll() }
        guard told.insert("\(environment.name) \(reason)").inserted else { return }
        logger.notice(
            "operations of this plugin environment start a Python process each",
            metadata: ["environment": "\(environment.name)", "because": "\(reason)"])
    }

    /// Ends all parents. Operations that are asked for later run cold.
    ///
    /// - Parameter patience: how long those that do nothing have to end by themselves before they are killed, and how long the kill is waited for:
    ///   a process that hangs in the kernel must not hold up the agent's end.
    func close(patience: Duration = .seconds(2)) async {
        isClosed = true
        let leaving = Array(serving.values)
        for parent in leaving {
            forget(parent)
            if parent.isBusy { parent.kill(because: "the agent stops") }
        }
        guard await !haveEnded(leaving, within: patience) else { return }
        for parent in leaving { parent.kill(because: "it does not end with the agent") }
        if await !haveEnded(leaving, within: patience) {
            logger.error("Processes that wait for Python operations cannot be ended: the agent stops without them")
        }
    }

    private func haveEnded(_ parents: [WarmParent], within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        for parent in parents {
            guard await parent.over.value(atMost: deadline - .now) != nil else { return false }
        }
        return true
    }

    /// For tests: how many parents there are, at work or not.
    var count: Int { serving.count }

    private func ended(_ parent: WarmParent) {
        forget(parent)
        serving[ObjectIdentifier(parent)] = nil
    }

    private func touch(_ environment: WarmEnvironment) {
        order.removeAll { $0 == environment }
        order.append(environment)
    }
}
