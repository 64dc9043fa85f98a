import AgentTestSupport

/// The Python environment with cloudify-common, which `scripts/python-env` makes unless it is there.
enum PythonEnvironment {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// The path of its interpreter.
    static func interpreter() async throws -> String {
        do {
            // The last line: whatever a shell's startup files may print comes before.
            let output = try await Command.run(Command.repositoryRoot + "/scripts/python-env", [])
            guard let path = output.split(separator: "\n").last else {
                throw Missing(description: "the script printed nothing")
            }
            return String(path)
        } catch {
            throw Missing(
                description: """
                    The Python environment of these tests is missing. Run scripts/python-env; without a network, set \
                    OPERATIVE_PYTHON_ENV to the folder of one that it made elsewhere. \(error)
                    """)
        }
    }
}
