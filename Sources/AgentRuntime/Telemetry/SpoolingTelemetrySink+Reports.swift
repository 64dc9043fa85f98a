internal import Logging
internal import Synchronization

/// The log: one line for the beginning of a trouble, one for its end.
extension SpoolingTelemetrySink {
    func report(_ error: any Error) {
        guard incident.withLock({ $0.diskFailed() }) else { return }
        logger.error(
            "The telemetry spool cannot use its disk: log records and events wait in memory",
            metadata: ["reason": "\(error)"])
    }

    func report(_ effect: TelemetryChange.Effect, isEmpty: Bool) {
        for news in incident.withLock({ $0.committed(effect, isEmpty: isEmpty) }) {
            switch news {
            case .diskWorks:
                logger.notice("The telemetry spool can use its disk again")
            case .dropping:
                logger.warning("The telemetry spool is full: the oldest log records are dropped")
            case .overLimit:
                logger.warning("The telemetry spool is over its limit with events alone, which are never dropped")
            case .dropped(let count):
                logger.warning(
                    "Log records were dropped because the telemetry spool was full; each place says how many are missing",
                    metadata: ["records": "\(count)"])
            }
        }
    }
}
