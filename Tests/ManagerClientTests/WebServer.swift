import AgentTestSupport
import Foundation
import Subprocess

/// `web_server.py`, for as long as this process lives.
struct WebServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let shared = Task<WebServer, any Error> {
        let certificates = try await TLSFixture()
        let identities = [
            certificates.server, certificates.otherServer, certificates.wrongHostServer, certificates.expiredServer,
        ]
        let script = Command.repositoryRoot + "/Tests/ManagerClientTests/web_server.py"
        let arguments = ["python3", script] + identities.flatMap { [$0.certificate, $0.key] }
        let (lines, found) = AsyncThrowingStream<String, any Error>.makeStream()
        Task {
            do {
                _ = try await Subprocess.run(
                    .name("env"), arguments: Arguments(arguments), input: .inputWriter, output: .sequence,
                    error: .discarded
                ) { execution in
                    for try await line in execution.standardOutput.strings() { found.yield(line) }
                }
                throw Failure(description: "web_server.py ended")
            } catch {
                found.finish(throwing: error)
            }
        }
        for try await line in lines {
            let ports = line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
            guard ports.count == 5 else { break }
            return WebServer(
                authority: try content(certificates.ca), otherAuthority: try content(certificates.otherCA),
                authorityFile: certificates.ca, http: ports[0], https: ports[1], other: ports[2], wrongHost: ports[3],
                expired: ports[4])
        }
        throw Failure(description: "web_server.py did not start")
    }

    /// PEM text.
    let authority: String
    let otherAuthority: String
    let authorityFile: String
    /// Ports.
    let http: Int
    let https: Int
    /// With a certificate of the other authority.
    let other: Int
    let wrongHost: Int
    let expired: Int
}
