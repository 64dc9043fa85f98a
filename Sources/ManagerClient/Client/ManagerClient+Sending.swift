internal import Logging

/// How a request ended, and whether it may have been carried out although that is not known.
struct Exchange: Sendable {
    let result: Result<ManagerAnswer, ManagerError>
    let wasUncertain: Bool
}

extension ManagerClient {
    /// Sends a request until it is answered or not worth trying any more.
    func send(_ request: ManagerRequest, to sink: ResponseSink? = nil) async throws(ManagerError) -> ManagerAnswer {
        try await exchange(request, to: sink).result.get()
    }

    /// Sends a request until it is answered or not worth trying any more, and tells whether it may have arrived more than once.
    @concurrent
    func exchange(_ request: ManagerRequest, to sink: ResponseSink? = nil) async -> Exchange {
        let time = pool.configuration.time
        let limit = request.deadline ?? deadline
        var retry = RequestRetry(
            hostCount: address.hosts.count, firstHost: pool.preferredHost(of: address), policy: retry,
            isRepeatable: request.isRepeatable, asksAllHosts: request.service == .files, deadline: limit)
        let sink = sink ?? .memory(limit: pool.configuration.answerLimit)
        let start = time.now()
        var hasComplained = false
        while true {
            let attempt = HTTPAttempt(
                request: request, address: address, host: retry.host, credentials: credentials, pool: pool, sink: sink)
            let host = retry.host
            let failure: AttemptFailure
            switch await attempt.perform(within: limit.map { $0 - (time.now() - start) }) {
            case .success(let answer):
                pool.prefer(host, of: address)
                return Exchange(result: .success(answer), wasUncertain: retry.uncertainAttempts > 0)
            case .failure(let reason): failure = reason
            }
            let before = retry.uncertainAttempts
            switch retry.next(after: failure, elapsed: time.now() - start) {
            case .giveUp:
                let error = error(for: failure, request: request, host: host)
                // Whoever asks again later should not begin with a host that is silent.
                if error.isOutage { pool.prefer((host + 1) % address.hosts.count, of: address) }
                return Exchange(result: .failure(error), wasUncertain: max(before, retry.uncertainAttempts) > 0)
            case .send(_, let pause):
                let error = error(for: failure, request: request, host: host)
                logger.log(
                    level: hasComplained || pause == .zero ? .debug : .warning, "manager: \(error); trying again")
                hasComplained = hasComplained || pause > .zero
                guard pause > .zero else { continue }
                do {
                    try await time.sleep(pause)
                } catch {
                    let cancelled = ManagerError(
                        .cancelled, message: "the request was cancelled", request: request.summary)
                    return Exchange(result: .failure(cancelled), wasUncertain: retry.uncertainAttempts > 0)
                }
            }
        }
    }

    private func error(for failure: AttemptFailure, request: ManagerRequest, host: Int) -> ManagerError {
        let place = address.origin(host: host, ofFileServer: request.service == .files)
        return switch failure {
        case .final(let error), .answered(let error): error
        case .notSent(let text), .broken(let text):
            ManagerError(.unreachable, message: "\(place): \(text)", request: request.summary)
        case .timedOut(let text):
            ManagerError(.timedOut, message: "\(place): \(text)", request: request.summary)
        case .truncated(let text):
            ManagerError(.invalidResponse, message: "\(place): \(text)", request: request.summary)
        case .untrusted(let text):
            ManagerError(
                .untrusted, message: "\(place): the certificate cannot be trusted: \(text)", request: request.summary)
        }
    }
}
