/// The settings of retries and of what is sent to the manager.
extension Setting {
    static let retryMode = Setting(
        "retry.mode", .choice(["requeue", "reply"]), .value("requeue"),
        "Who waits when an operation asks to be run again later.",
        details: "requeue: the broker holds the task and the manager sees one long operation. reply: the agent answers"
            + " at once and the manager's workflow engine sends the task again, as an unchanged Cloudify manager expects.",
        seeAlso: ["retry.default_interval", "retry.max_delay"]
    )
    static let retryMaxDelay = Setting(
        "retry.max_delay", .duration(.seconds(1) ... .seconds(365 * 86_400)), .value("30d"),
        "The longest time a task may wait for its next attempt; an operation that asks for longer fails with an error that names this limit.",
        seeAlso: ["retry.mode"]
    )
    static let retryDefaultInterval = Setting(
        "retry.default_interval", .duration(.milliseconds(100) ... .seconds(30 * 86_400)), .value("30s"),
        "How long a task waits when its operation asks for a retry without saying when.",
        seeAlso: ["retry.max_delay"]
    )
    static let retryQueueType = Setting(
        "retry.queue_type", .choice(["classic", "quorum"]), .value("classic"),
        "The type of the queues in which retries wait.",
        details: "quorum replicates them over a broker cluster.",
        seeAlso: ["retry.mode", "queue_type"]
    )
    static let telemetryMode = Setting(
        "telemetry.mode", .choice(["amqp", "rest", "none"]), .value("amqp"),
        "How logs and events of operations reach the manager.",
        details:
            "amqp publishes to the exchanges cloudify-logs and cloudify-events-topic, as managers up to version 5 expect."
            + " rest posts to the manager that the task names, as version 7 expects. none sends neither;"
            + " with log.level debug the agent's own log shows what operations write.",
        seeAlso: ["telemetry.spool_max_bytes", "telemetry.buffer_bytes", "task_events"]
    )
    static let telemetryBufferBytes = Setting(
        "telemetry.buffer_bytes", .size(65_536...1_073_741_824), .value("16MiB"),
        "How much may wait in memory while it can neither be sent nor be written to the telemetry spool.",
        details: "When it is full, log records are dropped and one record states how many; events and outcomes are"
            + " never dropped.",
        seeAlso: ["telemetry.mode", "telemetry.spool_max_bytes"]
    )
    static let telemetrySpoolMaxBytes = Setting(
        "telemetry.spool_max_bytes", .size(1_048_576...1_099_511_627_776), .value("256MiB"),
        "How much may wait in the telemetry spool, a file in the state directory, while the broker or the manager does not take it.",
        details: "When it is full, the oldest log records are dropped and one record at their place states how many;"
            + " events are never dropped, even if they alone take more than this.",
        seeAlso: ["telemetry.mode", "telemetry.buffer_bytes", "state_directory"]
    )
    static let telemetryFlushTimeout = Setting(
        "telemetry.flush_timeout", .duration(.zero ... .seconds(600)), .value("10s"),
        "How long the outcome of an operation waits for the last of its log records to be sent.",
        details:
            "When a Cloudify manager was to be told of the outcome first, and the records are not out by then, it waits"
            + " once more for as long: both may have waited for the same manager.",
        seeAlso: ["telemetry.mode"]
    )
    static let undeliverableRetryFor = Setting(
        "undeliverable.retry_for", .duration(.zero ... .seconds(7 * 86_400)), .value("10m"),
        "How long the agent goes on trying to deliver an outcome whose queue does not exist.",
        details:
            "What cannot be delivered by then stays in the journal: it is tried again for as long after the next start,"
            + " and sent by operative journal retry-reply."
    )
}
