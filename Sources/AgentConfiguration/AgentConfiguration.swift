public import Logging

/// Everything an agent can be told before it starts.
///
/// Three layers are put on top of each other, the later one wins: the YAML file, environment variables
/// (`OPERATIVE_` and the key in capitals with dots as underscores) and the command line. The keys with their types,
/// limits and defaults are in ``Setting/all``.
public struct AgentConfiguration: Sendable {
    /// Who writes the events of a task.
    public enum TaskEvents: String, Sendable, CaseIterable {
        /// This agent.
        case agent
        /// The manager's workflow engine.
        case manager
    }

    /// Where the broker keeps a queue.
    public enum QueueType: String, Sendable, CaseIterable {
        /// On one node.
        case classic
        /// On a majority of the nodes of a cluster.
        case quorum
    }

    /// `name`: the agent's name.
    public let name: String
    /// `queue`: the name under which a manager addresses the agent.
    public let queue: String
    /// `state_directory`: where the agent keeps what must survive a restart.
    public let stateDirectory: String
    /// `concurrency`: how many operations run at the same time.
    public let concurrency: Int
    /// `prefetch`, with 0 already replaced by the automatic value.
    public let prefetch: Int
    /// `drain_timeout`: how long running operations may go on after a stop was asked for.
    public let drainTimeout: Duration
    /// `max_message_bytes`: the largest task accepted.
    public let maxMessageBytes: Int
    /// `task_events`: who writes the events of a task.
    public let taskEvents: TaskEvents
    /// `queue_type`: where the broker keeps the agent's own queues.
    public let queueType: QueueType
    /// `shared_queue`: whether other agents may take tasks from the same queue.
    public let sharedQueue: Bool
    /// The connection to the broker.
    public let broker: Broker
    /// What happens to operations that want to be run again.
    public let retry: Retry
    /// How logs and events reach the manager.
    public let telemetry: Telemetry
    /// What the agent remembers.
    public let journal: Journal
    /// `undeliverable.retry_for`: how long outcomes without a queue are tried again.
    public let undeliverableRetryFor: Duration
    /// The processes that run for operations.
    public let operations: Operations
    /// The agent's own log.
    public let log: Log
    /// The Cloudify service that the agent was started as; nil when it was not.
    public let daemon: CloudifyDaemon?

    /// Every setting with its value in force and where it came from, in the order of ``Setting/all``.
    public let effectiveSettings: [EffectiveSetting]
    /// Remarks that stop nothing but deserve a line in the log, such as an environment variable that looks misspelt.
    public let notices: [String]
}

extension AgentConfiguration {
    /// What happens to operations that want to be run again.
    public struct Retry: Sendable {
        /// Who waits for the next attempt.
        public enum Mode: String, Sendable, CaseIterable {
            /// The broker: the agent puts the task back with a delay.
            case requeue
            /// The manager: the agent answers at once.
            case reply
        }

        /// `retry.mode`
        public let mode: Mode
        /// `retry.max_delay`
        public let maxDelay: Duration
        /// `retry.default_interval`
        public let defaultInterval: Duration
        /// `retry.queue_type`
        public let queueType: QueueType
    }

    /// How logs and events reach the manager.
    public struct Telemetry: Sendable {
        /// The way they take.
        public enum Mode: String, Sendable, CaseIterable {
            /// Published to the broker.
            case amqp
            /// Posted to the manager.
            case rest
            /// Not sent.
            case none
        }

        /// `telemetry.mode`
        public let mode: Mode
        /// `telemetry.buffer_bytes`
        public let bufferBytes: Int
        /// `telemetry.spool_max_bytes`
        public let spoolMaxBytes: Int
        /// `telemetry.flush_timeout`
        public let flushTimeout: Duration
    }

    /// What the agent remembers.
    public struct Journal: Sendable {
        /// What becomes of a task that may or may not have run.
        public enum LossPolicy: String, Sendable, CaseIterable {
            /// It is answered with an error.
            case fail
            /// It is taken as new.
            case run
        }

        /// Where the agent remembers.
        public enum Store: String, Sendable, CaseIterable {
            /// In the state directory.
            case disk
            /// In the process.
            case memory
        }

        /// When the disk is waited for.
        public enum Durability: String, Sendable, CaseIterable {
            /// For many tasks at once, before the broker may forget them.
            case grouped
            /// Before every start and every outcome.
            case strict
        }

        /// `journal.store`
        public let store: Store
        /// `journal.durability`
        public let durability: Durability
        /// `journal.max_bytes`
        public let maxBytes: Int
        /// `journal.waiting_after`
        public let waitingAfter: Duration
        /// `journal.waiting_limit`
        public let waitingLimit: Int
        /// `journal.lost`
        public let lost: LossPolicy
    }

    /// The agent's own log.
    public struct Log: Sendable {
        /// The form of a record.
        public enum Format: String, Sendable, CaseIterable {
            /// A line for people.
            case text
            /// A JSON object on one line.
            case json
        }

        /// `log.level`
        public let level: Logger.Level
        /// `log.format`
        public let format: Format
        /// `log.core_dumps`: whether the agent's memory may be read by others of its user, and written to a file by a crash.
        public let coreDumps: Bool
    }
}
