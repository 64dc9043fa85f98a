/// An error after which trying again is pointless: the workflow fails the operation at once.
///
/// Adopt it for your own error types; throw ``NonRecoverableError`` when a message is enough.
public protocol NonRecoverable: Error {}
