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

    /// Serves ctx while `body` runs, and to nobody afterwards.
    ///
    /// - Parameter body: receives what the script's environment needs.
    /// - Returns: what `body` returns.
    /// - Throws: the error of `body`; ``CtxServiceError`` before `body` has run.
    package func serving<R>(_ body: (CtxEndpoints) async throws -> R) async throws -> R {
        throw CtxServiceError("not yet")
    }
}
