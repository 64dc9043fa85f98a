/// The settings of the processes that run for operations.
extension Setting {
    static let operationUser = Setting(
        "operation.user", .text, .none,
        "The user that scripts and Python plugins run as.",
        details: "Not set, it is the agent's own. Another one needs an agent that runs as root.",
        seeAlso: ["limits.processes"]
    )
    static let libexec = Setting(
        "libexec", .path, .none,
        "The directory of the programs that come with the agent, ctx and operation-launcher.",
        details: "Not set, they are looked for beside the agent's own program and in ../lib/operative from there."
    )
    static let limitsMemory = Setting(
        "limits.memory", .size(16_777_216...1_125_899_906_842_624), .none,
        "How much memory one operation's processes may use.",
        details: "In a cgroup: all of them together. Without one: the address space of each, which is more than what it"
            + " really uses.",
        seeAlso: ["limits.cgroup"]
    )
    static let limitsCPUPercent = Setting(
        "limits.cpu_percent", .integer(1...102_400), .none,
        "How much of a processor one operation's processes may use together; 100 is a whole one.",
        details: "Kept in a cgroup only.",
        seeAlso: ["limits.cgroup", "limits.cpu_time"]
    )
    static let limitsCPUTime = Setting(
        "limits.cpu_time", .duration(.seconds(1) ... .seconds(31_536_000)), .none,
        "How much processor time each of an operation's processes may use before it is killed.",
        seeAlso: ["limits.cpu_percent"]
    )
    static let limitsOpenFiles = Setting(
        "limits.open_files", .integer(16...1_048_576), .none,
        "How many files each of an operation's processes may have open.",
        details: "Not more than the agent itself may."
    )
    static let limitsProcesses = Setting(
        "limits.processes", .integer(1...4_194_304), .none,
        "How many processes and threads there may be for one operation.",
        details: "In a cgroup: those of the operation. Without one: all that the operation's user runs on the machine,"
            + " and none is kept from root.",
        seeAlso: ["limits.cgroup", "operation.user"]
    )
    static let limitsCgroup = Setting(
        "limits.cgroup", .choice(["auto", "none"]), .value("auto"),
        "Whether memory, processors and processes are limited by cgroup.",
        details:
            "auto: where systemd has delegated one of cgroup v2 to the agent, for which there is the drop-in systemd/limits.conf,"
            + " otherwise as none. none: by limits of each process.",
        seeAlso: ["limits.memory", "limits.cpu_percent", "limits.processes"]
    )
}
