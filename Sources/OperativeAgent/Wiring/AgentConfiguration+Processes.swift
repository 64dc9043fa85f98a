internal import AgentConfiguration
internal import Logging
internal import OperationProcesses

extension AgentConfiguration.Operations {
    /// What runs the programs of operations.
    ///
    /// - Throws: ``ProcessFailure`` when `operation-launcher` is missing.
    func processRunner(_ ledger: any ProcessLedger) throws -> ProcessRunner {
        ProcessRunner(
            ledger: ledger, launcher: try OperationLauncher.find(libexec: libexec),
            cgroups: limits.cgroups)
    }
}

extension AgentConfiguration.Limits {
    /// The limits of one operation's processes.
    var processLimits: ProcessLimits {
        ProcessLimits(
            memory: memory, cpu: cpuPercent.map { Double($0) / 100 },
            cpuSeconds: cpuTime.map { Int($0.components.seconds) }, openFiles: openFiles, processes: processes)
    }

    /// Where they are kept for all processes of an operation together; nil when that is not asked for, or not possible.
    fileprivate var cgroups: OperationCgroups? {
        usesCgroup && (memory != nil || cpuPercent != nil || processes != nil) ? OperationCgroups.delegated() : nil
    }

    /// Says in the log which limits are not what they seem to be.
    func tellWhatIsNotKept(_ logger: Logger) {
        guard cgroups == nil else { return }
        if cpuPercent != nil {
            logger.warning(
                "limits.cpu_percent is not kept: the agent has no cgroup for its operations. Install the drop-in systemd/limits.conf"
            )
        }
        if usesCgroup, memory != nil || processes != nil {
            logger.warning(
                "limits.memory and limits.processes hold for each process of an operation, not for all of them together: the agent has no cgroup for its operations. Install the drop-in systemd/limits.conf, or set limits.cgroup to none"
            )
        }
    }
}
