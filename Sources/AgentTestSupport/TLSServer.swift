import Subprocess

/// A TLS server that completes the handshake with any certificate and then says nothing: `openssl s_server`.
public struct TLSServer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int

    /// Lends a server for as long as `body` runs.
    public static func with<Output: Sendable>(
        _ identity: TLSFixture.Identity, _ body: @Sendable (TLSServer) async throws -> Output
    ) async throws -> Output {
        let result = try await Subprocess.run(
            .name("openssl"),
            arguments: ["s_server", "-accept", "127.0.0.1:0", "-cert", identity.certificate, "-key", identity.key],
            input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            // It announces the port that the kernel gave it, and goes on for as long as its input is open.
            var port: Int?
            for try await line in execution.standardOutput.strings() where line.hasPrefix("ACCEPT") {
                port = line.split(separator: ":").last.flatMap { Int($0) }
                break
            }
            defer { try? execution.send(signal: .kill) }
            guard let port else { throw Command.Failure(description: "openssl s_server did not announce a port") }
            return try await body(TLSServer(port: port))
        }
        return result.closureResult
    }
}
