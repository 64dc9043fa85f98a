/// The settings of operations in Python.
extension Setting {
    static let pythonInterpreter = Setting(
        "python.interpreter", .path,
        .derived(
            "worker: $VIRTUAL_ENV/bin/python of the agent's service when it is there, else python3 on PATH; run: none, and"
                + " Python plugins are off"),
        "The Python with cloudify-common that runs operations which no native plugin has.",
        details: "The whole path. It has the plugins that are the agent's own, and makes environments for those that a"
            + " manager installs. See python-plugins.md.",
        seeAlso: ["python.dispatcher"]
    )
    static let pythonDispatcher = Setting(
        "python.dispatcher", .choice(["warm", "cold"]), .value("warm"),
        "How a function of a Python plugin is started.",
        details:
            "warm: a process that has imported the plugin forks for each operation, where that is safe, and otherwise"
            + " as cold. cold: a new Python for each operation.",
        seeAlso: ["python.interpreter"]
    )
    static let pythonWarmIdle = Setting(
        "python.warm.idle", .duration(.seconds(1) ... .seconds(86_400)), .value("10m"),
        "How long a process that forks for operations stays without one.",
        seeAlso: ["python.dispatcher"]
    )
    static let pythonWarmOperations = Setting(
        "python.warm.operations", .integer(1...1_000_000), .value("1000"),
        "After how many operations such a process is replaced.",
        seeAlso: ["python.dispatcher"]
    )
    static let pythonWarmParents = Setting(
        "python.warm.parents", .integer(1...256), .value("8"),
        "How many such processes there may be at one time.",
        details:
            "Each plugin of an environment has its own, with 30 to 60 MB of memory. While all of them work, operations of other"
            + " plugins run cold.",
        seeAlso: ["python.dispatcher"]
    )
}
