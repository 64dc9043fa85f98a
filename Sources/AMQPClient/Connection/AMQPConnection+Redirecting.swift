internal import Logging

/// Another address or other certificates while the connection is in use.
extension AMQPConnection {
    /// Connects to other endpoints, or with other certificates, from now on.
    ///
    /// It is tried out first. When it works, a connection that would not be made that way any more is made again: nothing is lost, as with any
    /// other loss of the connection. When it does not work, the connection that there is stays, and the next one is made the new way.
    ///
    /// - Parameters:
    ///   - endpoints: The nodes of the broker.
    ///   - tls: The certificates; `nil` connects without encryption.
    ///   - filesChanged: Whether the files that `tls` names have another content than before.
    /// - Returns: Why no new connection can be made that way yet; nil when one can.
    public nonisolated func redirect(
        to endpoints: [AMQPEndpoint], tls: AMQPTLSConfiguration?, filesChanged: Bool
    ) async -> AMQPError? {
        await adopt(endpoints, tls, filesChanged: filesChanged)
    }

    private func adopt(
        _ endpoints: [AMQPEndpoint], _ tls: AMQPTLSConfiguration?, filesChanged: Bool
    ) async -> AMQPError? {
        guard isRunning else { return .stopped }
        var changed = configuration
        changed.endpoints = endpoints
        changed.tls = tls
        if let problem = changed.problem() { return problem }
        let isEncryptedOtherwise = filesChanged || configuration.tls != tls
        configuration = changed
        if let failure = await tryOut() { return failure }
        if let session, isEncryptedOtherwise || !endpoints.contains(session.endpoint) {
            // What was acknowledged must not come back without need.
            takeMail()
            writeSettlements(session)
            _ = session.flush(at: .now)
            end(session, AMQPError(.connectionLost, "the agent was told to connect in another way"))
        }
        return nil
    }

    /// Connects and logs in once, and throws the connection away.
    private func tryOut() async -> AMQPError? {
        var failure = AMQPError(.unreachable, "no endpoint")
        for endpoint in configuration.endpoints.shuffled() where isRunning {
            let attempt = ConnectAttempt(endpoint, configuration)
            trials.append(attempt)
            defer { trials.removeAll { $0 === attempt } }
            do throws(AMQPError) {
                _ = try await run(attempt)
                return nil
            } catch {
                failure = error
                logger.debug("trial failed", metadata: ["endpoint": "\(endpoint)", "error": "\(error)"])
            }
        }
        return isRunning ? failure : .stopped
    }
}
