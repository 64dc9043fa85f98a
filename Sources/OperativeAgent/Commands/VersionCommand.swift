internal import ArgumentParser

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    func run() async {
        let identity = ProgramIdentity.current
        if let version = identity.version { StandardOutput.write("\(identity.name) \(version)\n") }
        StandardOutput.write("operative \(OperativeVersion.current)\n")
    }
}
