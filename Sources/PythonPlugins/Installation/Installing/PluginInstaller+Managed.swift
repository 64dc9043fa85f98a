internal import Logging
internal import Operative

extension PluginInstaller {
    /// Installs a wagon in an environment that is told of, in Python's words.
    private static let wagonProgram = """
        import json, sys
        source, environment, arguments, answer = sys.argv[1:]
        try:
            import wagon
            wagon.install(source, venv=environment, ignore_platform=True, install_args=json.loads(arguments))
        except Exception as error:
            with open(answer, 'w', encoding='utf-8') as file:
                file.write(str(error) or repr(error))
            raise
        """

    /// The plugin that the manager has for a specification; nil when it has none.
    func candidate(for plugin: PluginSpecification, _ caller: InstallationCaller) async throws -> PluginCandidate? {
        guard let name = plugin.packageName else { return nil }
        let candidates = try await caller.manager.plugins(packageName: name, packageVersion: plugin.packageVersion)
        guard candidates.count > 1 else { return candidates.first }
        let own = try await interpreters.interpreter(settings.interpreter, owner: caller.owner)
        let releases = try await releases(for: candidates, own, caller)
        return PluginCandidate.best(of: candidates, on: .current) { Self.release(for: $0, releases, own).release }
    }

    func install(_ plugin: PluginCandidate, arguments: [String], _ caller: InstallationCaller) async throws {
        let directory = try await target(plugin.packageName, plugin.packageVersion, caller, nil)
        let description = "\(plugin.id) [\(plugin.summary)]"
        try await fill(directory, id: plugin.id, logger: caller.logger) {
            caller.logger.info("Using existing installation of managed plugin: \(description)")
        } _: {
            caller.logger.info("Installing managed plugin: \(description)")
            let own = try await interpreters.interpreter(settings.interpreter, owner: caller.owner)
            let releases = try await releases(for: [plugin], own, caller)
            let interpreter = Self.release(for: plugin, releases, own).path
            try await makeEnvironment(in: directory, of: interpreter, caller)
            do {
                try await installWagon(plugin, in: directory, arguments, caller)
            } catch let error as CancellationError {
                throw error
            } catch {
                throw NonRecoverableError(
                    "Failed installing managed plugin: \(plugin.id) [\(plugin.packageName)][\(error)]")
            }
        }
    }

    private func installWagon(
        _ plugin: PluginCandidate, in directory: String, _ arguments: [String], _ caller: InstallationCaller
    ) async throws {
        try await withTemporaryDirectory("wagon") { temporary in
            let archive = "\(temporary)/wagon.tar.gz"
            let answer = "\(temporary)/error.txt"
            try await caller.manager.downloadArchive(of: plugin.id, to: archive)
            let list = PropertyValue.array(arguments.map { .string($0) }).json
            let own = try await interpreters.interpreter(settings.interpreter, owner: caller.owner)
            let result = try await commands.run(
                [own.path, "-c", Self.wagonProgram, archive, directory, String(decoding: list, as: UTF8.self), answer],
                temporary: temporary, owner: caller.owner)
            guard !result.isSuccess else { return }
            throw PluginInstallationError(try PluginFiles.read(answer) ?? result.lastComplaint)
        }
    }

    /// The interpreters there are; only the agent's own when that is all that matters.
    private func releases(
        for candidates: [PluginCandidate], _ own: InterpreterFacts, _ caller: InstallationCaller
    ) async throws -> [PythonRelease: String] {
        let mattersOthers =
            candidates.contains { $0.pythonReleases.contains { $0 > own.release } }
            || candidates.contains { !$0.pythonReleases.isEmpty && !$0.pythonReleases.contains(own.release) }
        return mattersOthers ? try await interpreters.all(with: own, owner: caller.owner) : [own.release: own.path]
    }

    /// The interpreter to run a plugin with: the newest that it is for, else the agent's own.
    private static func release(
        for plugin: PluginCandidate, _ interpreters: [PythonRelease: String], _ own: InterpreterFacts
    ) -> (release: PythonRelease, path: String) {
        for release in plugin.pythonReleases.sorted(by: >) {
            if let path = interpreters[release] { return (release, path) }
        }
        return (own.release, own.path)
    }
}
