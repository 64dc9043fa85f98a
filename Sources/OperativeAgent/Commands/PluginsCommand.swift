internal import ArgumentParser
internal import Operative

struct PluginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins", abstract: "Lists the plugins of this agent and their operations.")

    func run() async throws {
        try await CommandFailure.reporting {
            let registry = try PluginCatalogue.registry()
            guard !registry.plugins.isEmpty else {
                return StandardOutput.write(
                    "This program has no plugins. See docs/plugin-guide.md for how to build an agent with your own.\n")
            }
            for plugin in registry.plugins {
                StandardOutput.write("\(plugin.name) \(plugin.version)\n")
                for operation in plugin.operations {
                    var remarks: [String] = []
                    if operation.isResumable { remarks.append("resumable") }
                    if let timeout = operation.timeout { remarks.append("timeout \(timeout.components.seconds) s") }
                    let suffix = remarks.isEmpty ? "" : "  (\(remarks.joined(separator: ", ")))"
                    StandardOutput.write("  \(operation.name)\(suffix)\n")
                }
            }
        }
    }
}
