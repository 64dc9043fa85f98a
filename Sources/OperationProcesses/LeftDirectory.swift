/// A noted directory that ``TemporaryDirectories/sweep()`` has not removed.
package enum LeftDirectory: Sendable, Hashable {
    /// It cannot be removed, for this reason of the system's. Its note stays, and the next start tries again.
    case stuck(path: String, reason: String)
    /// Something else is at its path now, and was left alone. The directory itself was moved or removed by somebody; its note is gone.
    case replaced(path: String)
}
