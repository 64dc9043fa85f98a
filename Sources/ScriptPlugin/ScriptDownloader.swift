/// Fetches scripts from the web.
package protocol ScriptDownloader: Sendable {
    /// Requests `url` and, when the answer's status is 200, makes a file of its content.
    ///
    /// - Parameter certificateAuthority: PEM text of whom a server must be certified by; nil leaves it to the system.
    /// - Returns: the answer's status, redirections followed.
    /// - Throws: when there is no answer, or the file cannot be written.
    func download(_ url: String, to file: String, certificateAuthority: String?) async throws -> Int
}
