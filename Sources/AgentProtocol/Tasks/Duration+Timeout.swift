extension Duration {
    /// A timeout as it is sent: `nil` for zero, for what is not a number, and for what is as good as never.
    init?(timeoutSeconds seconds: Double, limit: Double) {
        guard seconds > 0, seconds < limit else { return nil }
        self = .seconds(seconds)
    }
}
