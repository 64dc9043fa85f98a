internal import OperationProcesses

extension PluginInstaller {
    /// Makes a virtual environment that sees the packages of an interpreter behind its own.
    func makeEnvironment(in directory: String, of program: String, _ caller: InstallationCaller) async throws {
        let interpreter = try await interpreters.interpreter(program, owner: caller.owner)
        let result = try await commands.run(
            [interpreter.path, "-m", "venv", "--without-pip", directory], owner: caller.owner)
        guard result.isSuccess else {
            throw PluginInstallationError(
                "Failed making a virtual environment in \(directory). (\(result.complaint))")
        }
        try PluginFiles.write(
            try Self.link(to: interpreter), to: "\(directory)/lib/python\(interpreter.release)/site-packages/agent.pth")
    }

    /// A file of paths (`.pth`) that leads to the packages of an interpreter, and to those that its own such files lead to.
    private static func link(to interpreter: InterpreterFacts) throws -> String {
        var text = "# the agent's packages, for this plugin to see\n"
        for directory in interpreter.sitePackages { text += "\(directory)\n" }
        for directory in interpreter.sitePackages {
            for name in PluginFiles.names(in: directory).sorted() where name.hasSuffix(".pth") {
                guard let content = try PluginFiles.read("\(directory)/\(name)") else { continue }
                text += "\n# of \(directory)/\(name):\n\(content)\n"
            }
        }
        return text
    }

    /// A directory for files that are needed for a while, removed afterwards.
    func withTemporaryDirectory<Result>(
        _ prefix: String, _ body: (String) async throws -> Result
    ) async throws -> Result {
        let path = try settings.temporaryDirectories.make(in: settings.temporaryDirectory, prefix: "\(prefix)-")
        defer { settings.temporaryDirectories.remove(path) }
        return try await body(path)
    }
}
