/// The settings of the journal.
extension Setting {
    static let journalStore = Setting(
        "journal.store", .choice(["disk", "memory"]), .value("disk"),
        "Where the agent remembers the tasks in its hands.",
        details:
            "disk survives everything while the state directory does. memory forgets with the process: a task whose"
            + " agent is killed is answered as interrupted or run again, see journal.lost.",
        seeAlso: ["state_directory", "journal.durability"]
    )
    static let journalDurability = Setting(
        "journal.durability", .choice(["grouped", "strict"]), .value("grouped"),
        "When the agent waits for the disk.",
        details:
            "grouped: before it tells the broker to forget a task. A killed agent loses nothing; a loss of power can"
            + " take what the last 20 ms wrote. strict: before every start and every outcome too, which loses nothing.",
        seeAlso: ["journal.store"]
    )
    static let journalMaxBytes = Setting(
        "journal.max_bytes", .size(1_048_576...1_099_511_627_776), .value("1GiB"),
        "How much disk the journal may take.",
        details: "When it is full, outcomes are forgotten oldest first; after 7 days they are forgotten anyway. What is"
            + " still to be done is never forgotten.",
        seeAlso: ["journal.store"]
    )
    static let journalWaitingAfter = Setting(
        "journal.waiting_after", .duration(.milliseconds(100) ... .seconds(1500)), .value("2s"),
        "How long a task may wait in the agent before the journal takes it over from the broker.",
        details: "To be shorter than the broker's consumer_timeout.",
        seeAlso: ["journal.waiting_limit"]
    )
    static let journalWaitingLimit = Setting(
        "journal.waiting_limit", .integer(1...1_000_000), .value("1000"),
        "How many waiting tasks the journal takes over.",
        details: "When there are more, the agent takes none in until half of them are served.",
        seeAlso: ["journal.waiting_after", "concurrency"]
    )
    static let journalLost = Setting(
        "journal.lost", .choice(["fail", "run"]), .value("fail"),
        "What becomes of a redelivered task when the state directory is new, so that nobody knows whether it ran.",
        details: "fail answers with an error; run takes it as new.",
        seeAlso: ["state_directory"]
    )
}
