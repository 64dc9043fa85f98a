/// What the broker waits for before it forgets a message. Both calls return at once; the second call on one receipt does nothing.
package protocol DeliveryReceipt: Sendable {
    /// The message is settled: the broker may forget it.
    func acknowledge()
    /// The message was not started: the broker shall hand it out again.
    func release()
}
