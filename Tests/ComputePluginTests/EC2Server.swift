import AgentTestSupport
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Operative
import OperativeTestKit
import Subprocess
import Synchronization
import Testing

@testable import ComputePlugin

/// A region of `ec2_server.py`, that of one test. The server is a process of its own, for all tests.
struct EC2Region: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct Facts: Decodable, Sendable {
        let port: Int
        let key: String
        let secret: String
        let image: String
    }

    private static let names = [
        "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "us-east-1", "us-east-2", "us-west-1",
        "us-west-2", "ap-south-1", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "sa-east-1", "ca-central-1",
    ]
    private static let used = Mutex(0)

    /// It ends when its input does, with this process.
    private static let server = Task<Facts, any Error> {
        let python = try await Command.run(Command.repositoryRoot + "/scripts/python-env", ["compute"])
            .split(separator: "\n").last.map(String.init)
        guard let python else { throw Failure(description: "scripts/python-env compute printed nothing") }
        let script = Command.repositoryRoot + "/Tests/ComputePluginTests/ec2_server.py"
        let (facts, found) = AsyncThrowingStream<Facts, any Error>.makeStream()
        Task {
            do {
                _ = try await Subprocess.run(
                    .name("env"), arguments: Arguments([python, script] + names), input: .inputWriter,
                    output: .sequence, error: .discarded
                ) { execution in
                    for try await line in execution.standardOutput.strings() {
                        found.yield(try JSONDecoder().decode(Facts.self, from: Data(line.utf8)))
                    }
                }
                throw Failure(description: "ec2_server.py ended")
            } catch {
                found.finish(throwing: error)
            }
        }
        for try await facts in facts { return facts }
        throw Failure(description: "ec2_server.py did not start")
    }

    let name: String
    private let facts: Facts

    /// A region that no other test uses.
    static func fresh() async throws -> EC2Region {
        let facts = try await server.value
        let number = used.withLock { used in
            defer { used += 1 }
            return used
        }
        try #require(number < names.count, "write more regions into EC2Region.names")
        return EC2Region(name: names[number], facts: facts)
    }

    /// The node properties of a machine here.
    func properties(secret: String? = nil, poll: Double = 0.01) -> [String: PropertyValue] {
        [
            "image": .string(facts.image), "poll_seconds": .double(poll),
            "connection": [
                "endpoint": .string("http://127.0.0.1:\(facts.port)"), "region": .string(name),
                "access_key_id": .string(facts.key), "secret_access_key": .string(secret ?? facts.secret),
            ],
        ]
    }

    func environment(_ runtimeProperties: [String: PropertyValue] = [:]) -> OperationEnvironment {
        OperationEnvironment(node: "vm", properties: properties(), runtimeProperties: runtimeProperties)
    }

    /// Somebody else who uses the same account.
    func client() throws -> EC2Client { EC2Client(connection: try MachineSettings(properties()).connection) }

    /// Tells the server what the next requests meet.
    ///
    /// - Returns: the actions that were asked for so far.
    @discardableResult
    func order(_ order: [String: Int] = [:]) async throws -> [String] {
        struct Answer: Decodable { let actions: [String] }
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(facts.port)/control/\(name)")
        request.method = .POST
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(order)))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 1 << 20)
        return try JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView)).actions
    }
}
