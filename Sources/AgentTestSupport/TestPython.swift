/// The Python environment with cloudify-common, which `scripts/python-env` makes unless it is there.
public enum TestPython {
    /// Why there is none.
    public struct Missing: Error, CustomStringConvertible {
        /// What to do about it.
        public let description: String
    }

    /// The path of its interpreter.
    public static func interpreter() async throws -> String {
        do {
            let output = try await Command.run(Command.repositoryRoot + "/scripts/python-env", [])
            // The last line: whatever a shell's startup files may print comes before.
            if let path = output.split(separator: "\n").last { return String(path) }
            throw Missing(description: "scripts/python-env printed nothing")
        } catch {
            throw Missing(
                description:
                    "The Python environment of these tests is missing. Run scripts/python-env; without a network, set OPERATIVE_PYTHON_ENV to the folder of one that it made elsewhere. \(error)"
            )
        }
    }
}
