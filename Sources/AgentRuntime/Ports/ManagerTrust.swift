internal import Synchronization

/// How the manager's REST service is reached and trusted, as far as that can change while the agent runs: one value for everybody who connects.
package final class ManagerTrust: Sendable {
    package struct Current: Sendable, Hashable {
        /// The file with the certificates that may sign the manager's, read for each task anew; nil when none is configured.
        package let caFile: String?
        /// The managers to use in the place of those that a task names; nil for those of the task.
        package let hosts: [String]?
    }

    private let state: Mutex<Current>

    package init(caFile: String?, hosts: [String]? = nil) {
        state = Mutex(Current(caFile: caFile, hosts: hosts))
    }

    /// What to connect with now.
    package var current: Current { state.withLock { $0 } }

    /// Says that there are other managers now.
    package func change(hosts: [String]) { state.withLock { $0 = Current(caFile: $0.caFile, hosts: hosts) } }
}
