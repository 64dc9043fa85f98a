/// The settings of the agent itself, and of its log.
extension Setting {
    static let name = Setting(
        "name", .text, .derived("the host name"),
        "The name the agent goes by in logs, events and error messages.",
        details: "At most 200 bytes.",
        seeAlso: ["queue"]
    )
    static let queue = Setting(
        "queue", .text, .derived("the value of name"),
        "The name under which a manager addresses the agent.",
        details:
            "It names the exchange <queue> and the queues <queue>_operation and <queue>_service. At most 200 bytes.",
        seeAlso: ["name", "queue_type", "shared_queue"]
    )
    static let queueType = Setting(
        "queue_type", .choice(["classic", "quorum"]), .value("classic"),
        "Where the broker keeps the agent's own queues, <queue>_operation and <queue>_service.",
        details: "classic: on one node, declared as the Cloudify agent protocol has it. quorum: on a majority of a"
            + " cluster's nodes, so that tasks are there and come while one of three is away; whoever else declares"
            + " these queues must give the same arguments (see architecture.md). A queue that exists keeps its type:"
            + " delete it, once it is empty, before you change this.",
        seeAlso: ["queue", "retry.queue_type"]
    )
    static let stateDirectory = Setting(
        "state_directory", .path, .derived("$STATE_DIRECTORY, which systemd sets, else /var/lib/operative"),
        "The directory in which the agent keeps what must survive a restart.",
        details: "Made with mode 0700 when absent. One agent at a time: it is locked while the agent runs."
    )
    static let concurrency = Setting(
        "concurrency", .integer(1...1024), .value("5"),
        "How many operations run at the same time.",
        seeAlso: ["prefetch"]
    )
    static let prefetch = Setting(
        "prefetch", .integer(0...65_535), .value("0"),
        "How many tasks the broker may hand out ahead of their acknowledgement.",
        details: "0 chooses the larger of 20 and twice the concurrency.",
        seeAlso: ["concurrency"]
    )
    static let drainTimeout = Setting(
        "drain_timeout", .duration(.zero ... .seconds(86_400)), .value("60s"),
        "How long running operations may go on after the agent was asked to stop.",
        details: "What still runs then is cancelled. Keep the service manager's stop timeout well above it"
            + " (TimeoutStopSec in the systemd unit)."
    )
    static let maxMessageBytes = Setting(
        "max_message_bytes", .size(65_536...134_217_728), .value("16MiB"),
        "The largest task the agent accepts.",
        details: "A larger one is answered with an error when its sender can be told, and kept in part under rejected/"
            + " in the state directory."
    )
    static let taskEvents = Setting(
        "task_events", .choice(["agent", "manager"]), .value("agent"),
        "Who writes the started, rescheduled, succeeded and failed events of a task.",
        details: "A Cloudify manager's workflow engine writes them itself: use manager there.",
        seeAlso: ["telemetry.mode"]
    )
    static let sharedQueue = Setting(
        "shared_queue", .boolean, .value("false"),
        "Lets several agents take tasks from one queue, as a pool of workers.",
        details:
            "This gives up sentences 1 to 3 of docs/guarantees.md: that a task is never lost with one agent's disk,"
            + " that a finished operation is not run again, and that an interrupted operation is never run as new."
            + " Without it the agent is the only consumer of its queue: when another one is there, it asks again for two"
            + " heartbeats and then ends with exit code 75.",
        seeAlso: ["queue"]
    )
    static let logLevel = Setting(
        "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), .value("info"),
        "The least severe records the agent writes to its own log on standard error.",
        seeAlso: ["log.format"]
    )
    static let logCoreDumps = Setting(
        "log.core_dumps", .boolean, .value("false"),
        "Whether a crash of the agent leaves a core dump, where the system makes any.",
        details: "Also lets processes of the agent's user read its memory and its environment, where secrets are:"
            + " set it to find a defect, not for good.",
        seeAlso: ["operation.user"]
    )
    static let logFormat = Setting(
        "log.format", .choice(["text", "json"]), .value("text"),
        "The form of the agent's own log: lines for people, or one JSON object per line.",
        seeAlso: ["log.level"]
    )
}
