import AgentTestSupport
import Foundation
import Subprocess

/// What a Cloudify manager puts on a machine for its agent `agent_1`: directories, files, the service's environment, and a user with its
/// permissions.
struct WorkerPlace {
    let directory: URL
    let broker: RabbitMQ
    /// What is not like every agent's.
    var brokerConfig: [String: any Sendable]

    var workDirectory: String { directory.appending(path: "work").path }
    var storageDirectory: String { directory.appending(path: "storage").path }
    var logFile: String { directory.appending(path: "log/agent_1.log").path }
    var errorFile: String { directory.appending(path: "storage/agent_1.err").path }
    var brokerConfigFile: String { directory.appending(path: "work/broker_config.json").path }

    var daemonFile: String { directory.appending(path: "storage/agent_1.json").path }
    var authorityFile: String { directory.appending(path: "broker_cert.pem").path }
    var restAuthorityFile: String { directory.appending(path: "rest.pem").path }

    /// Unique in the broker, which all tests share.
    private var user: String { "rabbitmq_user_\(broker.virtualHost)" }

    /// - Parameter authority: the file with the authority behind the broker's certificate; nil for no encryption.
    init(_ broker: RabbitMQ, authority: String? = nil) async throws {
        self.broker = broker
        directory = FileManager.default.temporaryDirectory.appending(path: "worker-\(UUID().uuidString)")
        brokerConfig = [:]
        for name in ["work", "storage"] {
            try FileManager.default.createDirectory(
                at: directory.appending(path: name), withIntermediateDirectories: true)
        }
        brokerConfig = [
            "broker_ssl_enabled": false, "broker_cert_path": "", "broker_username": user, "broker_password": "secret",
            "broker_hostname": [broker.host], "broker_vhost": broker.virtualHost, "broker_port": broker.port,
        ]
        if let authority {
            try FileManager.default.copyItem(atPath: authority, toPath: authorityFile)
            brokerConfig.merge([
                "broker_ssl_enabled": true, "broker_cert_path": authorityFile, "broker_port": broker.node.tlsPort,
            ]) { $1 }
            try writeDaemonFile()
        }
        try await broker.node.management.createUser(user, password: "secret")
        // To the letter what a manager permits, with the agent's queue in it.
        let mine = "^(cloudify-(events-topic|logs|monitoring)|agent_1($|_(operation|workflow|service|response_.*))$)"
        try await broker.node.management.setPermissions(
            user: user, virtualHost: broker.virtualHost, configure: mine, write: mine, read: mine)
        try write()
    }

    /// Writes `broker_config.json`.
    func write() throws {
        let data = try JSONSerialization.data(withJSONObject: brokerConfig)
        try data.write(to: URL(fileURLWithPath: brokerConfigFile))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: brokerConfigFile)
    }

    /// The part of the daemon's own file that matters here, and one that does not.
    private func writeDaemonFile() throws {
        let daemon: [String: any Sendable] = [
            "name": "agent_1", "queue": "agent_1", "broker_ip": [broker.host], "broker_ssl_cert_path": authorityFile,
            "local_rest_cert_file": restAuthorityFile, "process_management": "systemd",
        ]
        try JSONSerialization.data(withJSONObject: daemon).write(to: URL(fileURLWithPath: daemonFile))
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// As in the service file.
    var arguments: [String] { ["worker", "--queue", "agent_1", "--max-workers", "5", "--name", "agent_1"] }

    /// As in the service's environment file.
    var environment: [String: String] {
        [
            "AGENT_WORK_DIR": workDirectory, "AGENT_LOG_MAX_BYTES": "5242880", "AGENT_LOG_MAX_HISTORY": "7",
            "AGENT_LOG_DIR": directory.appending(path: "log").path, "AGENT_LOG_LEVEL": "INFO",
            "LOCAL_REST_CERT_FILE": restAuthorityFile, "AGENT_NAME": "agent_1",
            "CLOUDIFY_DAEMON_USER": "root", "CLOUDIFY_DAEMON_STORAGE_DIRECTORY": storageDirectory,
            "CFY_RESOURCES_ROOT": directory.appending(path: "resources").path,
            "CFY_PLUGINS_ROOT": directory.path, "OPERATIVE_TELEMETRY_MODE": "none",
        ]
    }

    /// Sends a task as the manager and waits for the reply.
    ///
    /// - Returns: the reply as it came.
    func send(_ task: String, _ options: [String] = []) async throws -> String {
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments([try AgentProcess.program(), "send", task, "--json", "--timeout", "60"] + options),
            environment: .inherit.updating([
                "OPERATIVE_NAME": "agent_1", "OPERATIVE_BROKER_HOSTS": "\(broker.host):\(broker.port)",
                "OPERATIVE_BROKER_VIRTUAL_HOST": broker.virtualHost,
            ]), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard !result.standardOutput.isEmpty else {
            throw AgentProcess.Failure(description: "\(task): \(result.standardError)")
        }
        return result.standardOutput
    }
}
