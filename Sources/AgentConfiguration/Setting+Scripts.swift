/// The settings of script operations.
extension Setting {
    static let scriptsEnabled = Setting(
        "scripts.enabled", .boolean, .value("true"),
        "Whether the agent runs scripts that tasks bring along (script_runner.tasks.run).",
        details: "With false such tasks fail like those of operations that the agent does not have."
            + " Operations of plugins are not concerned."
    )
}
