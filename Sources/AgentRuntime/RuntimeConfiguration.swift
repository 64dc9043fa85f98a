/// The settings of the runtime. All durations count on the monotonic clock.
package struct RuntimeConfiguration: Sendable {
    /// The agent's name, for messages.
    package var agentName: String
    /// How many operations run at once.
    package var concurrency: Int
    package var retry: RetryPolicy
    /// Who writes task_started, task_succeeded, task_rescheduled and task_failed.
    package var taskEvents = TaskEventAuthor.agent
    package var lostJournal = LostJournalPolicy.fail
    /// How long the broker stays responsible for a task that was started. Most operations are over by then, and cost the disk nothing but their record.
    package var keepStartedAfter = Duration.milliseconds(50)
    /// The same for one that waits, for a slot or for the broker to take its outcome: less than any acknowledgement timeout.
    package var keepWaitingAfter = Duration.seconds(2)
    /// How many waiting tasks the journal takes over. When there are more, no new ones are consumed.
    package var waitingRoom = 1_000
    /// Others serve the same queue: an attempt that was parked here may have come back to one of them.
    package var sharesQueue = false
    /// How long slots are kept free for an operation that is to run alone. Whatever runs even then is long or stuck, and it runs beside that.
    package var alonePatience = Duration.seconds(60)
    /// How long running operations may go on once the agent was told to stop.
    package var drainTimeout = Duration.seconds(60)
    /// How long a cancelled operation may take to end before it is given up.
    package var cancellationGrace = Duration.seconds(5)
    /// The same for one whose time was up: shorter, because somebody waits for the answer.
    package var timeoutGrace = Duration.seconds(1)
    /// How long a cancelled operation's files and state may take to reach the manager: nobody waits for them.
    package var managerPatience = Duration.seconds(10)
    /// How long an outcome waits for the operation's last log records to arrive.
    package var flushTimeout = Duration.seconds(10)
    /// How many bytes of log records may wait for the broker before further ones are left out, and counted.
    package var telemetryBufferBytes = 16 << 20
    /// How long a script whose output fills a quarter of that waits for something of it to go before it writes on.
    package var recordPatience = Duration.seconds(10)
    /// How long somebody who sent a ping waits for the answer, when the message does not say (Cloudify: 30 s).
    package var pingPatience = Duration.seconds(30)
    /// How long a reply that no queue takes is tried again.
    package var undeliverableRetry = Duration.seconds(600)
    /// How many such replies are tried at a time; further ones wait on disk for a place.
    package var undeliverableLimit = 1_000

    /// How long after `drainTimeout` the last outcomes may take to reach the broker.
    package var longestSettling: Duration { cancellationGrace + .seconds(5) }

    package init(agentName: String, concurrency: Int, retry: RetryPolicy) {
        self.agentName = agentName
        self.concurrency = max(1, concurrency)
        self.retry = retry
    }
}
