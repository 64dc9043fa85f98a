internal import CtxProtocol
internal import Glibc
package import Operative

/// One operation's ctx, served to the processes of its script.
package struct CtxSession: Sendable {
    private let context: OperationContext
    private let answers: CtxAnswers
    private let settings: CtxSettings

    package init(context: OperationContext, answers: CtxAnswers, settings: CtxSettings) {
        self.context = context
        self.answers = answers
        self.settings = settings
    }

    /// Serves ctx while `body` runs, and to nobody afterwards. What a script has asked and not heard by then is given up.
    ///
    /// - Parameter body: receives what the script's environment needs.
    /// - Returns: what `body` returns.
    /// - Throws: the error of `body`; ``CtxServiceError`` before `body` has run.
    package func serving<R>(_ body: (CtxEndpoints) async throws -> R) async throws -> R {
        let account = try Account.other(settings.user)
        let place = try CtxPlace.make(settings)
        defer { place.remove() }
        let (calls, continuation) = AsyncStream.makeStream(of: CtxCall.self)
        let faces = try await CtxFaces.open(place, settings, for: account, calls: continuation)
        let responder = CtxResponder(context: context, answers: answers, account: account)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await Self.answer(calls, with: responder) }
            let result: Result<R, any Error>
            do {
                result = .success(try await body(endpoints(place, faces)))
            } catch {
                result = .failure(error)
            }
            await faces.close()
            continuation.finish()
            group.cancelAll()
            return try result.get()
        }
    }

    /// Many at once: a script may call ctx from processes in the background.
    private static func answer(_ calls: AsyncStream<CtxCall>, with responder: CtxResponder) async {
        await withDiscardingTaskGroup { group in
            for await call in calls {
                group.addTask { call.reply(await responder.answer(to: call.request)) }
            }
        }
    }

    private func endpoints(_ place: CtxPlace, _ faces: CtxFaces) -> CtxEndpoints {
        var environment: [String: String] = [:]
        if settings.faces.contains(.socket) {
            environment[CtxVariable.socket] = place.socket
            environment[CtxVariable.token] = place.token
        }
        if let port = faces.port {
            // Not "localhost": somebody else could listen at the same port of ::1, which clients try first.
            let url = "http://127.0.0.1:\(port)\(place.secretPath)"
            environment[CtxVariable.url] = url
            environment[CtxVariable.ownURL] = url
        }
        return CtxEndpoints(environment: environment, path: place.programs)
    }
}
