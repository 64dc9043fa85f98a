internal import OperationProcesses

/// What an agent that was killed has left of the `ctx` of its operations.
package enum CtxLeftovers {
    /// Deletes it. To be called while nothing is served from the directory, which no other agent may use.
    package static func remove(in directory: String) {
        for name in FileTree.names(in: directory) where name.hasPrefix("ctx-") {
            FileTree.remove("\(directory)/\(name)")
        }
    }
}
