internal import Logging
internal import Operative

extension PluginInstaller {
    /// Unpacks an archive of either kind, in Python's words.
    private static let unpackProgram = """
        import sys, tarfile, zipfile
        archive, target = sys.argv[1:]
        if tarfile.is_tarfile(archive):
            with tarfile.open(archive) as file:
                if hasattr(tarfile, 'data_filter'):
                    file.extractall(target, filter='data')
                else:
                    file.extractall(target)
        elif zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as file:
                file.extractall(target)
        else:
            sys.exit('Unsupported archive type provided or archive is not valid: neither tar nor zip')
        """
    private static let projectFiles = ["pyproject.toml", "setup.py", "setup.cfg"]

    func install(
        _ plugin: PluginSpecification, from source: PluginSource, _ caller: InstallationCaller
    ) async throws {
        let name = plugin.label ?? ""
        let directory = try await target(plugin.label, plugin.packageVersion, caller, caller.scope.deployment)
        let id = "source-\(caller.scope.deployment ?? "None")"
        try await fill(directory, id: id, logger: caller.logger) {
            caller.logger.info("Using existing installation of source plugin: \(name)")
        } _: {
            caller.logger.info("Installing plugin from source: \(name)")
            let own = try await interpreters.interpreter(settings.interpreter, owner: caller.owner)
            try await withTemporaryDirectory("plugin") { temporary in
                let archive = try await self.archive(of: source, own, temporary, caller)
                let project = try await self.project(in: archive, of: source, own, temporary, caller)
                try await makeEnvironment(in: directory, of: own.path, caller)
                let pip = ["\(directory)/bin/python", "-m", "pip", "--disable-pip-version-check", "install"]
                // Arguments may name files of the project, such as its requirements.
                try await runPip(
                    pip + plugin.installArguments + [project.path], in: project.directory, temporary, caller)
            }
        }
    }

    /// Fetches the archive.
    private func archive(
        of source: PluginSource, _ own: InterpreterFacts, _ temporary: String, _ caller: InstallationCaller
    ) async throws -> String {
        switch source {
        case .resource(let path):
            let archive = "\(temporary)/plugin.zip"
            try await caller.manager.downloadResource(path, to: archive)
            return archive
        case .url(let url):
            let directory = "\(temporary)/archive"
            try PluginFiles.makeDirectory(directory)
            try await runPip(
                [
                    own.path, "-m", "pip", "--disable-pip-version-check", "download", "-d", directory, "--no-deps", url,
                ], in: temporary, temporary, caller)
            let names = PluginFiles.names(in: directory)
            guard names.count == 1 else { throw Self.unusable(source.text) }
            return "\(directory)/\(names[0])"
        }
    }

    /// What pip is to install, and where it is to run.
    private func project(
        in archive: String, of source: PluginSource, _ own: InterpreterFacts, _ temporary: String,
        _ caller: InstallationCaller
    ) async throws -> (path: String, directory: String) {
        if archive.hasSuffix(".whl") { return (archive, temporary) }
        let root = "\(temporary)/project"
        try PluginFiles.makeDirectory(root)
        let result = try await commands.run(
            [own.path, "-c", Self.unpackProgram, archive, root], temporary: temporary, owner: caller.owner)
        guard result.isSuccess else {
            throw PluginInstallationError("\(source.text) cannot be unpacked. (\(result.lastComplaint))")
        }
        func isProject(_ path: String) -> Bool {
            Self.projectFiles.contains { PluginFiles.exists("\(path)/\($0)") }
        }
        if isProject(root) { return (root, root) }
        let directories = PluginFiles.names(in: root).sorted().map { "\(root)/\($0)" }.filter {
            PluginFiles.isDirectory($0)
        }
        guard let path = directories.first(where: isProject) ?? directories.first else {
            throw Self.unusable(source.text)
        }
        return (path, path)
    }

    private func runPip(
        _ command: [String], in directory: String, _ temporary: String, _ caller: InstallationCaller
    ) async throws {
        let result = try await commands.run(command, in: directory, temporary: temporary, owner: caller.owner)
        guard !result.isSuccess else { return }
        caller.logger.debug("Failed running pip install. Output:\n\(result.output)")
        throw PluginInstallationError("Failed running pip install. (\(result.complaint))")
    }

    private static func unusable(_ source: String) -> PluginInstallationError {
        PluginInstallationError(
            "Failed to download package from \(source).You may consider uploading the plugin's Wagon archive to the manager, For more information please refer to the documentation."
        )
    }
}

extension PluginSource {
    /// As people know it, without a password.
    var text: String {
        switch self {
        case .url(let url): Self.withoutUser(url)
        case .resource(let path): path
        }
    }

    private static func withoutUser(_ url: String) -> String {
        guard let schemeEnd = url.firstRange(of: "://")?.upperBound else { return url }
        let hostEnd = url[schemeEnd...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? url.endIndex
        guard let sign = url[schemeEnd..<hostEnd].lastIndex(of: "@") else { return url }
        return "\(url[..<schemeEnd])***@\(url[url.index(after: sign)...])"
    }
}
