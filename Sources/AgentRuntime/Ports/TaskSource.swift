/// Where tasks come from.
package protocol TaskSource: Sendable {
    /// Waits for messages. Nil once `stop()` was called and nothing more will come.
    ///
    /// To be called by one task at a time. How many messages may be out unacknowledged is the source's setting (`prefetch`), so this needs no limit of its own.
    func next() async -> [IncomingMessage]?

    /// Takes no messages until `resume()`. What was fetched and never returned by `next()` goes back to the broker; `next()` waits.
    func pause() async

    /// Takes messages again after `pause()`, as soon as that is possible. Returns at once; no effect after `stop()`.
    func resume()

    /// Asks whether everything that waits has been handed out; false also when there is nobody to ask.
    func isDrained() async -> Bool

    /// Takes no new messages from now on. What was fetched and never returned by `next()` goes back to the broker.
    func stop() async
}
