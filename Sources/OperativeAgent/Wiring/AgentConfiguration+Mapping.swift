internal import AMQPClient
internal import AgentConfiguration
internal import AgentRuntime
internal import RabbitMQTransport

/// What each room needs of the configuration, in that room's own types.
extension AgentConfiguration {
    var runtime: RuntimeConfiguration {
        var runtime = RuntimeConfiguration(
            agentName: name, concurrency: concurrency,
            retry: RetryPolicy(
                mode: retry.mode == .requeue ? .requeue : .reply, maximumDelay: retry.maxDelay,
                defaultInterval: retry.defaultInterval))
        runtime.taskEvents = taskEvents == .agent ? .agent : .manager
        runtime.lostJournal = journal.lost == .fail ? .fail : .run
        runtime.sharesQueue = sharedQueue
        runtime.keepWaitingAfter = journal.waitingAfter
        runtime.waitingRoom = journal.waitingLimit
        runtime.drainTimeout = drainTimeout
        runtime.flushTimeout = telemetry.flushTimeout
        runtime.telemetryBufferBytes = telemetry.bufferBytes
        runtime.undeliverableRetry = undeliverableRetryFor
        return runtime
    }

    var transport: RabbitMQConfiguration {
        var transport = RabbitMQConfiguration(
            queue: queue, broker: broker.client(name: name, maxMessageBytes: maxMessageBytes), prefetch: prefetch)
        transport.queueType = queueType == .quorum ? .quorum : .classic
        transport.sharedQueue = sharedQueue
        transport.publishesTelemetry = TelemetryRoute(self) == .amqp
        transport.parksRetries = retry.mode == .requeue
        transport.delayQueueType = retry.queueType == .quorum ? .quorum : .classic
        return transport
    }
}

extension AgentConfiguration.Broker {
    func client(name: String, maxMessageBytes: Int) -> AMQPConfiguration {
        var client = AMQPConfiguration(
            endpoints: endpoints.map { AMQPEndpoint(host: $0.host, port: $0.port) }, virtualHost: virtualHost,
            username: username, password: password.value)
        client.heartbeat = heartbeat
        client.connectTimeout = connectTimeout
        client.connectionName = "operative \(name)"
        client.maximumMessageBytes = maxMessageBytes
        // Full jitter keeps a thousand agents apart; a longer pause would only leave a broker that is back unused.
        client.reconnect = AMQPReconnectPolicy(base: .milliseconds(500), maximum: .seconds(10))
        client.tls = tls.map { tls in
            AMQPTLSConfiguration(
                caFile: tls.caFile, certificateFile: tls.certificateFile, privateKeyFile: tls.privateKeyFile,
                serverName: tls.serverName)
        }
        return client
    }
}
