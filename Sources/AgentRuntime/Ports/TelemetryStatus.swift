/// How log records and events stand on their way to the manager.
package struct TelemetryStatus: Sendable, Hashable {
    /// Records that have not arrived: in memory, on disk and on their way.
    package var waiting: Int
    /// Records that are lost because whoever they were for takes nothing of their execution any more, since the agent's start.
    package var unwanted: Int

    package init(waiting: Int = 0, unwanted: Int = 0) {
        self.waiting = waiting
        self.unwanted = unwanted
    }
}
