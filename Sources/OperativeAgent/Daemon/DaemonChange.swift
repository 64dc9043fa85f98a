internal import AgentConfiguration
internal import AgentRuntime
internal import Operative

/// What a service task changes in the files of a Cloudify agent. Nil stays as it is.
struct DaemonChange: Sendable {
    var managerCA: String?
    var brokerCA: String?
    var brokers: [String]?
    var managers: [String]?

    /// Writes certificates, `broker_config.json` and the daemon's own file, in this order: whoever reads meanwhile finds what he is led to.
    ///
    /// - Returns: whether the broker's authority is another one now.
    func apply(to daemon: CloudifyDaemon, in files: inout FileSet) throws -> Bool {
        var isAuthorityNew = false
        for (name, certificates) in [("the broker's", brokerCA), ("the manager's", managerCA)] {
            if let certificates { try Self.check(certificates, name) }
        }
        var own = try daemon.storageDirectory.flatMap { try DaemonFile("\($0)/\(daemon.name).json") }
        guard var broker = try DaemonFile(daemon.brokerConfigFile) else {
            throw MaintenanceError("\(daemon.brokerConfigFile) is gone")
        }
        if let brokerCA {
            guard let path = own?.text("broker_ssl_cert_path") ?? broker.text("broker_cert_path") else {
                throw MaintenanceError(
                    "neither the daemon nor broker_config.json names a file for the broker's authority")
            }
            isAuthorityNew = try files.write(Array(brokerCA.utf8), to: path)
            broker["broker_cert_path"] = .string(path)
        }
        if let managerCA {
            guard let path = own?.text("local_rest_cert_file") ?? daemon.restCAFile else {
                throw MaintenanceError(
                    "neither the daemon nor LOCAL_REST_CERT_FILE names a file for the manager's authority")
            }
            try files.write(Array(managerCA.utf8), to: path)
        }
        if let brokers {
            let hosts = PropertyValue.array(brokers.map { .string($0) })
            broker["broker_hostname"] = hosts
            own?["broker_ip"] = hosts
        }
        if let managers { own?["rest_host"] = .array(managers.map { .string($0) }) }
        try files.write(broker.bytes, to: broker.path)
        if let own { try files.write(own.bytes, to: own.path) }
        return isAuthorityNew
    }

    /// An agent that trusts nobody could not be told anything any more.
    private static func check(_ certificates: String, _ name: String) throws {
        guard
            certificates.contains("-----BEGIN CERTIFICATE-----")
                || certificates.contains("-----BEGIN TRUSTED CERTIFICATE-----")
        else { throw MaintenanceError("\(name) new authority is no certificate in PEM form") }
    }
}
