import Glibc
import Logging

extension AgentConfiguration {
    /// Reads the configuration and checks it.
    ///
    /// - Parameters:
    ///   - daemon: What a Cloudify agent's service says, or nil when this is none.
    ///   - file: The path of the YAML file, or nil for none.
    ///   - environment: The process environment. Also read: `STATE_DIRECTORY` and `CREDENTIALS_DIRECTORY` of systemd.
    ///   - overrides: Values given on the command line, by key.
    /// - Throws: The first problem found.
    public static func load(
        daemon: CloudifyDaemon? = nil,
        file: String?,
        environment: [String: String],
        overrides: [String: String]
    ) throws(ConfigurationError) -> AgentConfiguration {
        let layers = try SettingLayers(daemon: daemon, file: file, environment: environment, overrides: overrides)
        var loader = ConfigurationLoader(layers, environment: environment)
        return try loader.configuration(daemon)
    }
}

/// Reads setting after setting and puts the configuration together.
struct ConfigurationLoader {
    var reader: SettingReader
    var notices: [String]
    let environment: [String: String]

    init(_ layers: SettingLayers, environment: [String: String]) {
        self.reader = SettingReader(layers.values)
        self.notices = layers.notices
        self.environment = environment
    }

    mutating func configuration(_ daemon: CloudifyDaemon?) throws(ConfigurationError) -> AgentConfiguration {
        let name = try checkedName(.name, try reader.text(.name, derived: Self.hostName))
        let queue = try checkedName(.queue, try reader.text(.queue) { () throws(ConfigurationError) in name })
        let stateDirectory = try reader.text(.stateDirectory) { [environment] () throws(ConfigurationError) in
            let fromSystemd = environment["STATE_DIRECTORY"]?.split(separator: ":").first.map(String.init)
            return fromSystemd ?? "/var/lib/operative"
        }
        let concurrency = try reader.integer(.concurrency)
        let prefetch = try prefetch(concurrency: concurrency)
        let drainTimeout = try reader.duration(.drainTimeout)
        let maxMessageBytes = try reader.size(.maxMessageBytes)
        let taskEvents: AgentConfiguration.TaskEvents = try reader.choice(.taskEvents)
        let queueType: AgentConfiguration.QueueType = try reader.choice(.queueType)
        let sharedQueue = try reader.boolean(.sharedQueue)
        let broker = try broker()
        let retry = try retry()
        let telemetry = AgentConfiguration.Telemetry(
            mode: try reader.choice(.telemetryMode),
            bufferBytes: try reader.size(.telemetryBufferBytes),
            spoolMaxBytes: try reader.size(.telemetrySpoolMaxBytes),
            flushTimeout: try reader.duration(.telemetryFlushTimeout))
        let undeliverableRetryFor = try reader.duration(.undeliverableRetryFor)
        let journal = AgentConfiguration.Journal(
            store: try reader.choice(.journalStore), durability: try reader.choice(.journalDurability),
            maxBytes: try reader.size(.journalMaxBytes), waitingAfter: try reader.duration(.journalWaitingAfter),
            waitingLimit: try reader.integer(.journalWaitingLimit), lost: try reader.choice(.journalLost))
        let operations = try operations()
        let log = AgentConfiguration.Log(
            level: try reader.choice(.logLevel), format: try reader.choice(.logFormat),
            coreDumps: try reader.boolean(.logCoreDumps))
        return AgentConfiguration(
            name: name, queue: queue, stateDirectory: stateDirectory, concurrency: concurrency, prefetch: prefetch,
            drainTimeout: drainTimeout, maxMessageBytes: maxMessageBytes, taskEvents: taskEvents,
            queueType: queueType, sharedQueue: sharedQueue, broker: broker, retry: retry, telemetry: telemetry,
            journal: journal, undeliverableRetryFor: undeliverableRetryFor, operations: operations,
            log: log, daemon: daemon,
            effectiveSettings: effectiveSettings(), notices: notices)
    }

    private mutating func prefetch(concurrency: Int) throws(ConfigurationError) -> Int {
        let wanted = try reader.integer(.prefetch)
        guard wanted != 0 else { return max(2 * concurrency, 20) }
        if wanted < concurrency {
            notices.append("prefetch \(wanted) is below concurrency \(concurrency): some slots may stay empty")
        }
        return wanted
    }

    private mutating func retry() throws(ConfigurationError) -> AgentConfiguration.Retry {
        let retry = AgentConfiguration.Retry(
            mode: try reader.choice(.retryMode),
            maxDelay: try reader.duration(.retryMaxDelay),
            defaultInterval: try reader.duration(.retryDefaultInterval),
            queueType: try reader.choice(.retryQueueType))
        guard retry.defaultInterval <= retry.maxDelay else {
            throw reader.error(
                .retryDefaultInterval, "is longer than retry.max_delay",
                remedy: "write at most \(DurationText.format(retry.maxDelay))")
        }
        return retry
    }

    private func effectiveSettings() -> [EffectiveSetting] {
        let byKey = Dictionary(reader.effective.map { ($0.key, $0) }) { first, _ in first }
        return Setting.all.compactMap { byKey[$0.key] }
    }

    /// AMQP names are short strings: at most 255 bytes. We append suffixes, and the broker keeps `amq.` for itself.
    private func checkedName(_ setting: Setting, _ text: String) throws(ConfigurationError) -> String {
        let remedy = "write a name of at most 200 bytes, such as web-1"
        guard text.utf8.count <= 200 else {
            throw reader.error(setting, "is \(text.utf8.count) bytes long", remedy: remedy)
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.isWhitespace || OneLine.isControl($0) }) else {
            throw reader.error(setting, "\(OneLine.quoted(text)) contains white space", remedy: remedy)
        }
        guard !text.hasPrefix("amq.") else {
            throw reader.error(
                setting, "\(OneLine.quoted(text)) begins with amq., which brokers reserve", remedy: remedy)
        }
        return text
    }

    private static func hostName() throws(ConfigurationError) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let result = unsafe gethostname(&buffer, buffer.count - 1)
        guard result == 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
