/// The line that the shell runs.
enum ScriptCommand {
    /// Prefix, script and arguments with blanks between, unquoted as the original has them.
    static func line(script: String, process: ProcessOptions) -> String {
        let prefix = process.commandPrefix ?? (isPowerShell(script) ? "powershell" : nil)
        return ([prefix, script].compactMap { $0 == "" ? nil : $0 } + process.arguments).joined(separator: " ")
    }

    /// The extension with its dot, in small letters; empty when the name has none.
    static func pathExtension(_ name: String) -> String {
        let last = name.split(separator: "/").last ?? ""
        let stem = last.drop { $0 == "." }
        guard let dot = stem.lastIndex(of: ".") else { return "" }
        return stem[dot...].lowercased()
    }

    private static func isPowerShell(_ script: String) -> Bool { pathExtension(script) == ".ps1" }
}
