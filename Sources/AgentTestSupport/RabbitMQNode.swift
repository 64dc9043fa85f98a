public import Foundation
import FoundationNetworking
import Glibc
import Subprocess
import Synchronization

/// A private RabbitMQ node on loopback, with its own ports, data and logs.
///
/// It is started and ended by `scripts/rabbitmq-node`, never shares anything with a node of the system, and is killed when the
/// process ends.
public final class RabbitMQNode: Sendable {
    private struct Ports: Sendable {
        var amqp = 0
        var tls = 0
        var http = 0
        var pid: pid_t = 0
    }

    /// Where the node keeps everything, logs included (`log/`).
    public let directory: URL
    private let options: [String]
    private let ports = Mutex(Ports())

    /// The AMQP port; it stays the same over restarts.
    public var port: Int { ports.withLock { $0.amqp } }
    /// The port for AMQP over TLS, when the node was given certificates.
    public var tlsPort: Int { ports.withLock { $0.tls } }
    /// The process of the Erlang machine.
    public var pid: Int32 { ports.withLock { $0.pid } }
    /// The management HTTP interface of this node.
    public var management: RabbitMQManagement { RabbitMQManagement(port: ports.withLock { $0.http }) }

    /// Describes a node; ``start()`` makes it run.
    ///
    /// - Parameters:
    ///   - tls: Certificates to listen with. The node then demands a client certificate.
    ///   - configuration: More lines for `rabbitmq.conf`.
    public init(tls: TLSFixture? = nil, configuration: String? = nil) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "rabbitmq-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var options: [String] = []
        if let tls { options += ["--tls-dir", tls.directory.path] }
        if let configuration {
            let file = directory.appending(path: "extra.conf")
            try Data((configuration + "\n").utf8).write(to: file)
            options += ["--config", file.path]
        }
        self.options = options
        AtExit.run { [self] in destroy() }
    }

    /// Starts the node and waits until it answers. Data of an earlier run is still there.
    public func start() async throws {
        let output = try await script(["start", directory.path, "--owner", "\(getpid())"] + options)
        let values = Dictionary(
            output.split(separator: "\n").compactMap { line -> (Substring, Int)? in
                let parts = line.split(separator: "=")
                return parts.count == 2 ? Int(parts[1]).map { (parts[0], $0) } : nil
            }, uniquingKeysWith: { $1 })
        ports.withLock { ports in
            ports.amqp = values["AMQP_PORT"] ?? 0
            ports.tls = values["TLS_PORT"] ?? 0
            ports.http = values["HTTP_PORT"] ?? 0
            ports.pid = pid_t(values["PID"] ?? 0)
        }
    }

    /// Ends the node in an orderly way; its data stays.
    public func stop() async throws {
        _ = try await script(["stop", directory.path])
    }

    /// Ends the node in an orderly way and starts it again.
    public func restart() async throws {
        try await stop()
        try await start()
    }

    /// Ends the node without a warning, as a crash would.
    public func kill() async throws {
        signal(SIGKILL)
        // The port mapper is left; the script's stop ends it and forgets the process ids.
        try await stop()
    }

    /// Stops the node's process from running, as a hung machine would. Connections stay open and silent.
    public func freeze() { signal(SIGSTOP) }

    /// Lets a frozen node run again.
    public func thaw() { signal(SIGCONT) }

    /// Runs `rabbitmqctl` against this node. Takes seconds: prefer ``management``.
    @discardableResult
    public func control(_ arguments: String...) async throws -> String {
        try await script(["ctl", directory.path] + arguments)
    }

    /// Kills the node and removes its directory.
    public func destroy() {
        for name in ["beam.pid", "server.pid", "epmd.pid"] {
            let file = directory.appending(path: name)
            guard let text = try? String(contentsOf: file, encoding: .utf8),
                let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), isOurs(pid)
            else { continue }
            Glibc.kill(pid, SIGKILL)
            // A process that is still dying may put files back into the directory.
            for _ in 0..<200 where isOurs(pid) { usleep(10_000) }
        }
        try? FileManager.default.removeItem(at: directory)
    }

    private func signal(_ signal: CInt) {
        let pid = self.pid
        if pid > 1, isOurs(pid) { Glibc.kill(pid, signal) }
    }

    /// Whether the process is the one that was started here, and not one that got its number later.
    private func isOurs(_ pid: pid_t) -> Bool {
        guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
        let mark = "RABBITMQ_NODE_DIR=\(directory.resolvingSymlinksInPath().path)"
        return environment.split(separator: 0).contains { $0.elementsEqual(mark.utf8) }
    }

    private func script(_ arguments: [String]) async throws -> String {
        try await Command.run(Command.repositoryRoot + "/scripts/rabbitmq-node", arguments)
    }

    // MARK: One for the whole process

    private static let sharedTask = Task {
        let node = try RabbitMQNode()
        try await node.start()
        return node
    }

    /// One node for all tests of the process, started at the first use. Each test has a virtual host of its own on it, so nobody
    /// may stop it or change it as a whole.
    public static var shared: RabbitMQNode {
        get async throws { try await sharedTask.value }
    }
}
