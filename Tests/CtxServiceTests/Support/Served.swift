import CtxProtocol
import Foundation
import Operative
import OperativeTestKit

@testable import CtxService

/// Where an operation's ctx is served in a test.
struct Served: Sendable {
    let endpoints: CtxEndpoints

    var socket: String { endpoints.environment[CtxVariable.socket] ?? "" }
    var token: String { endpoints.environment[CtxVariable.token] ?? "" }
    var url: String { endpoints.environment[CtxVariable.url] ?? "" }
    var port: Int { URL(string: url)?.port ?? 0 }
    var secretPath: String { URL(string: url)?.path ?? "" }

    /// Runs a script with ctx on its path.
    func script(_ text: String, path: [String] = [], variables: [String: String] = [:]) async throws -> ProgramRun {
        try await shell(
            text, endpoints.environment.merging(variables) { _, new in new }, path: path + [endpoints.path])
    }

    /// Asks over the Unix socket, as `ctx` does.
    func ask(_ words: PropertyValue...) async throws -> PropertyValue {
        let body = PropertyValue.object(["args": .array(words)]).json
        return try await blocking {
            let wire = try Wire(socket: socket)
            wire.send(CtxFrame.request(token: token, body: body))
            let answer = wire.rest() ?? []
            return try PropertyValue(json: Array(answer.drop { $0 != 0x0A }.dropFirst()))
        }
    }
}

/// Serves a context, in a directory of its own unless one is given.
func serving<Result: Sendable>(
    _ context: OperationContext, answers: CtxAnswers = CtxAnswers(), faces: Set<CtxSettings.Face> = [.socket, .http],
    patience: Duration = .seconds(60), moment: Duration = .seconds(1), maximumRequest: Int = 16 << 20,
    requestMemory: Int = 64 << 20, maximumClients: Int = 64,
    directory given: String? = nil, executable: String? = nil, user: String? = nil,
    _ body: (Served) async throws -> Result
) async throws -> Result {
    let directory =
        given ?? FileManager.default.temporaryDirectory.appending(path: "ctx-test-\(UUID().uuidString)").path
    if given == nil {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }
    defer { if given == nil { try? FileManager.default.removeItem(atPath: directory) } }
    let settings = CtxSettings(
        directory: directory, executable: try executable ?? Programs.ctx(), user: user, faces: faces,
        patience: patience, moment: moment, maximumRequest: maximumRequest, requestMemory: requestMemory,
        maximumClients: maximumClients)
    return try await CtxSession(context: context, answers: answers, settings: settings).serving { endpoints in
        try await body(Served(endpoints: endpoints))
    }
}

/// What an operation's ctx answers to words, without a connection.
func answer(
    _ context: OperationContext, _ words: [PropertyValue], answers: CtxAnswers = CtxAnswers()
) async throws -> PropertyValue {
    let responder = CtxResponder(context: context, answers: answers, account: nil)
    return try PropertyValue(json: await responder.answer(to: PropertyValue.object(["args": .array(words)]).json))
}
