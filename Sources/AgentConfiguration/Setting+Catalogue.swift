extension Setting {
    /// Every setting there is, in the order documentation shows them.
    public static let all: [Setting] =
        agentSettings + brokerSettings + deliverySettings + operationSettings
        + logSettings

    /// The settings by key.
    static let byKey: [String: Setting] = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    private static let agentSettings: [Setting] = [
        name, queue, queueType, stateDirectory, concurrency, prefetch, drainTimeout, maxMessageBytes, taskEvents,
        sharedQueue, libexec,
    ]
    private static let brokerSettings: [Setting] = [
        brokerHosts, brokerPort, brokerVirtualHost, brokerUsername, brokerPassword, brokerPasswordFile, brokerHeartbeat,
        brokerConnectTimeout, brokerStartupTimeout, brokerTLSEnabled, brokerTLSCAFile, brokerTLSCertificateFile,
        brokerTLSPrivateKeyFile, brokerTLSServerName,
    ]
    private static let deliverySettings: [Setting] = [
        retryMode, retryMaxDelay, retryDefaultInterval, retryQueueType, telemetryMode, telemetryBufferBytes,
        telemetrySpoolMaxBytes, telemetryFlushTimeout, undeliverableRetryFor, journalStore,
        journalDurability, journalMaxBytes, journalWaitingAfter, journalWaitingLimit, journalLost,
    ]
    private static let operationSettings: [Setting] = [
        scriptsEnabled, operationUser, limitsMemory, limitsCPUPercent, limitsCPUTime, limitsOpenFiles, limitsProcesses,
        limitsCgroup, pythonInterpreter, pythonDispatcher, pythonWarmIdle, pythonWarmOperations, pythonWarmParents,
    ]
    private static let logSettings: [Setting] = [logLevel, logFormat, logCoreDumps]
}
