internal import AgentExecutors
internal import Logging
internal import Operative

/// Installs and removes Python plugins as Python agents do it (Cloudify agent protocol, 9.2), so that both can share their directories.
///
/// What is half installed never counts: the file `plugin.id` is written last, and a directory without one is made anew by whoever needs it.
package final class PluginInstaller: Sendable {
    /// How long a cancelled installation may take to tell the manager so: the agent may be about to end.
    private static let lastWordLimit = Duration.seconds(5)
    /// How often installers are looked for that an agent which was killed has left.
    private static let othersPause = Duration.milliseconds(200)

    let settings: InstallationSettings
    let commands: CommandRunner
    let interpreters: PythonInterpreters
    private let turns = AsyncTurns()
    /// For work with files: directories of thousands, which may take a while.
    private let files = ThreadPool(name: "op-install", limit: 2)
    private let othersLimit: Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - othersLimit: how long installers are waited for that an agent which was killed has left.
    ///   - sleep: how to wait for another agent.
    package init(
        settings: InstallationSettings, commands: CommandRunner, interpreters: PythonInterpreters,
        othersLimit: Duration = .seconds(300),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.settings = settings
        self.commands = commands
        self.interpreters = interpreters
        self.othersLimit = othersLimit
        self.sleep = sleep
    }

    /// Installs a plugin: the manager's, or from its source when the manager has none. One that is installed is left as it is.
    ///
    /// - Throws: ``NonRecoverableError``, ``PluginInstallationError``, the manager's error, or `CancellationError`.
    package func install(_ plugin: PluginSpecification, for caller: InstallationCaller) async throws {
        try await withTaskExecutorPreference(files) {
            if let candidate = try await candidate(for: plugin, caller) {
                // Where it is to be; when that cannot be found out, the installation fails for the same reason.
                let directory = try? await target(candidate.packageName, candidate.packageVersion, caller, nil)
                // The manager has heard nothing yet.
                try Task.checkCancellation()
                let isThere = { directory.map { Self.holds($0, id: candidate.id) } ?? false }
                try await reporting(.installing, .installed, of: candidate.id, caller, evenIfCancelled: isThere) {
                    try await self.install(candidate, arguments: plugin.installArguments, caller)
                }
            } else if let source = plugin.source?.trimmed, !source.isEmpty {
                try await install(plugin, from: PluginSource(source, caller.scope), caller)
            } else {
                let platform = MachinePlatform.current
                throw NonRecoverableError(
                    "No source or managed plugin found for \(plugin.label ?? "None") [current platform=\(platform.system), arch=\(platform.architecture)]"
                )
            }
        }
    }

    /// Removes a plugin: that of the caller's deployment, or without one that of its tenant. One that is not there is fine.
    ///
    /// - Throws: as ``install(_:for:)``.
    package func uninstall(_ plugin: PluginSpecification, for caller: InstallationCaller) async throws {
        try await withTaskExecutorPreference(files) {
            let directory = try await target(plugin.label, plugin.packageVersion, caller, caller.scope.deployment)
            guard let id = try await id(of: plugin, caller) else { return try await remove(directory, caller) }
            try await reporting(nil, .uninstalled, of: id, caller) { try await self.remove(directory, caller) }
        }
    }

    /// Where plugins of this agent are.
    package func directories(owner: String) async throws -> PluginDirectories {
        if let root = settings.environment["CFY_PLUGINS_ROOT"], !root.isEmpty, PluginFiles.exists(root) {
            return PluginDirectories(environment: settings.environment, prefix: root)
        }
        let own = try await interpreters.interpreter(settings.interpreter, owner: owner)
        return PluginDirectories(base: own.prefix)
    }

    func target(
        _ name: String?, _ version: String?, _ caller: InstallationCaller, _ deployment: String?
    ) async throws -> String {
        guard let name else { throw NonRecoverableError("A plugin has neither a package_name nor a name.") }
        return try await directories(owner: caller.owner)
            .target(name, version: version, tenant: caller.scope.tenant, deployment: deployment)
    }

    /// Fills a directory, with nobody else at it, unless it holds what it is to hold.
    ///
    /// - Parameters:
    ///   - id: what `plugin.id` is to say.
    ///   - isThere: called when it is there already.
    ///   - fill: makes the directory and what is in it. What it leaves behind when it fails is removed.
    func fill(
        _ directory: String, id: String, logger: Logger, isThere: () -> Void, _ fill: () async throws -> Void
    ) async throws {
        try await turns.withTurn(directory) {
            let lock = try await DirectoryLock.acquire(directory, sleep: sleep)
            defer { lock.release() }
            let marker = "\(directory)/\(PluginDirectories.marker)"
            if let existing = try PluginFiles.read(marker)?.trimmed {
                guard existing == id else {
                    throw PluginInstallationError(
                        "Managed plugin installation found but its ID does not match the ID of the plugin currently on the manager. [existing: \(existing), new: \(id)]"
                    )
                }
                return isThere()
            }
            if PluginFiles.exists(directory) {
                logger.warning(
                    "An installation that was interrupted is made anew", metadata: ["directory": "\(directory)"])
                try await waitForOthers(in: directory, logger)
                try PluginFiles.remove(directory)
            }
            do {
                try await fill()
                // Without this a power loss could leave the marker and lose what it vouches for.
                try PluginFiles.sync(directory)
                try PluginFiles.write(id, to: marker)
            } catch {
                try? PluginFiles.remove(directory)
                throw error
            }
        }
    }

    /// Waits for installers that another agent has left at their work when it was killed: they would write into what is made here.
    private func waitForOthers(in directory: String, _ logger: Logger) async throws {
        var waited = Duration.zero
        while true {
            let others = InstallationProcesses.left(in: directory)
            guard !others.isEmpty else { return }
            let metadata: Logger.Metadata = ["directory": "\(directory)", "pids": "\(others)"]
            if waited == .zero {
                logger.warning(
                    "Programs of an agent that was killed still install there: waiting for them", metadata: metadata)
            }
            if waited >= othersLimit {
                return logger.warning(
                    "Programs of an agent that was killed still install there after \(othersLimit): going on in spite of them",
                    metadata: metadata)
            }
            try await sleep(Self.othersPause)
            waited += Self.othersPause
        }
    }

    /// Whether a directory holds a whole plugin, and this one.
    private static func holds(_ directory: String, id: String) -> Bool {
        ((try? PluginFiles.read("\(directory)/\(PluginDirectories.marker)")) ?? nil)?.trimmed == id
    }

    /// Tells the manager how far a plugin is, before, after, and when something goes wrong or is cancelled: nobody else would ever take
    /// back `installing`.
    ///
    /// - Parameter isDone: whether `after` is so even when this is cancelled.
    private func reporting(
        _ before: PluginState?, _ after: PluginState, of id: String, _ caller: InstallationCaller,
        evenIfCancelled isDone: () -> Bool = { false }, _ body: () async throws -> Void
    ) async throws {
        let unknown = NonRecoverableError("The manager does not know the plugin \(id) any more.")
        var isBegun = false
        do {
            if let before, !(try await caller.manager.setState(before, of: id, error: nil)) { throw unknown }
            isBegun = true
            try await body()
        } catch {
            // Whoever is cancelled before cannot know whether the manager has heard of the beginning.
            let isCancelled = error is CancellationError
            if isCancelled, isDone() {
                await report(after, error: nil, of: id, caller)
            } else if isBegun || isCancelled {
                await report(
                    .error, error: isCancelled ? "It was cancelled before it was done." : "\(error)", of: id, caller)
            }
            throw error
        }
        let isKnown = try await tell(after, of: id, error: nil, caller)
        guard isKnown || before == nil else { throw unknown }
    }

    private func report(_ state: PluginState, error: String?, of id: String, _ caller: InstallationCaller) async {
        do {
            _ = try await tell(state, of: id, error: error, caller)
        } catch let problem {
            let what = error == nil ? "is \(state.rawValue)" : "failed"
            caller.logger.warning(
                "The manager cannot be told that a plugin \(what): \(problem)", metadata: ["plugin": "\(id)"])
        }
    }

    /// Tells the manager how something ended. A cancellation does not prevent that; it only limits the time for it.
    private func tell(
        _ state: PluginState, of id: String, error: String?, _ caller: InstallationCaller
    ) async throws -> Bool {
        guard Task.isCancelled else { return try await caller.manager.setState(state, of: id, error: error) }
        let limit = Self.lastWordLimit
        return try await Task {
            try await withThrowingTaskGroup { group in
                group.addTask { try await caller.manager.setState(state, of: id, error: error) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw PluginInstallationError("no answer within \(limit.components.seconds) s")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? false
            }
        }.value
    }

    /// The manager's id of a plugin that is removed; nil when the manager need not hear of it.
    private func id(of plugin: PluginSpecification, _ caller: InstallationCaller) async throws -> String? {
        if let id = plugin.id { return id }
        // What is removed is one deployment's, and the manager's plugin stays.
        guard caller.scope.deployment == nil else { return nil }
        return try await candidate(for: plugin, caller)?.id
    }

    private func remove(_ directory: String, _ caller: InstallationCaller) async throws {
        caller.logger.info("uninstalling \(directory)")
        guard PluginFiles.exists(directory) || PluginFiles.exists("\(directory).lock") else { return }
        try await turns.withTurn(directory) {
            let lock = try await DirectoryLock.acquire(directory, sleep: sleep)
            defer { lock.release() }
            // First the marker: an operation that looks for the plugin now must not find half of it.
            try PluginFiles.remove("\(directory)/\(PluginDirectories.marker)")
            try PluginFiles.remove(directory)
            lock.removeFile()
            PluginFiles.removeIfEmpty(PluginFiles.parent(of: directory))
        }
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
