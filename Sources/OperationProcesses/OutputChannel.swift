/// Where a line was written.
package enum OutputChannel: Sendable {
    /// Standard output.
    case output
    /// Standard error.
    case error
}
