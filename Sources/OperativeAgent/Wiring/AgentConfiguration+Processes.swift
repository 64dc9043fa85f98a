internal import AgentConfiguration
internal import OperationProcesses

extension AgentConfiguration.Operations {
    /// What runs the programs of operations.
    ///
    /// - Throws: ``ProcessFailure`` when `operation-launcher` is missing.
    func processRunner(_ ledger: any ProcessLedger) throws -> ProcessRunner {
        ProcessRunner(
            ledger: ledger, launcher: try OperationLauncher.find(libexec: libexec),
            cgroups: limits.needsCgroup ? OperationCgroups.delegated() : nil)
    }
}

extension AgentConfiguration.Limits {
    /// The limits of one operation's processes.
    var processLimits: ProcessLimits {
        ProcessLimits(
            memory: memory, cpu: cpuPercent.map { Double($0) / 100 },
            cpuSeconds: cpuTime.map { Int($0.components.seconds) }, openFiles: openFiles, processes: processes)
    }

    fileprivate var needsCgroup: Bool {
        usesCgroup && (memory != nil || cpuPercent != nil || processes != nil)
    }
}
