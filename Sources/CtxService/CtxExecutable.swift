/// Finds the executable `ctx`.
package enum CtxExecutable {
    /// Looks in `libexec`, beside the agent's own executable, and in `../lib/operative` from there.
    ///
    /// - Parameter libexec: the directory from the settings; nil when none is set.
    /// - Throws: ``CtxServiceError`` that names the places.
    package static func locate(libexec: String?) throws(CtxServiceError) -> String {
        throw CtxServiceError("not yet")
    }
}
