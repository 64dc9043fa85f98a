package import AMQPClient

extension AMQPError {
    /// Somebody else uses the queue exclusively.
    ///
    /// A queue of another connection is refused with 405. An exclusive consumer keeps others away with 403, the code of missing permissions; only the text tells the two apart.
    package var meansExclusiveUse: Bool {
        code == .resourceLocked || code == .accessRefused && message.contains("in exclusive use")
    }
}
