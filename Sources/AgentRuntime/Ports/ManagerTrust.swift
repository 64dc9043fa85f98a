internal import Synchronization

/// How the manager's REST service is reached and trusted, as far as that can change while the agent runs: one value for everybody who connects.
package final class ManagerTrust: Sendable {
    package struct Current: Sendable, Hashable {
        /// The file with the certificates that may sign the manager's; nil when none is configured.
        package let caFile: String?
        /// The managers to use in the place of those that a task names; nil for those of the task.
        package let hosts: [String]?
        /// Differs whenever the managers or the content of the file do: a connection made with another one is to be made again.
        package let revision: Int
    }

    private let state: Mutex<Current>

    package init(caFile: String?, hosts: [String]? = nil) {
        state = Mutex(Current(caFile: caFile, hosts: hosts, revision: 0))
    }

    /// What to connect with now.
    package var current: Current { state.withLock { $0 } }

    /// Says that the file has another content, and perhaps that there are other managers; nil leaves them.
    package func change(hosts: [String]? = nil) {
        state.withLock { state in
            state = Current(caFile: state.caFile, hosts: hosts ?? state.hosts, revision: state.revision + 1)
        }
    }
}
