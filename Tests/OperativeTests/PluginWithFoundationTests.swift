import Foundation
import Operative
import Testing

/// All of Foundation has another `Operation`: the module's name tells them apart.
private struct FoundationPlugin: Plugin {
    static let name = "foundation"
    static let version = "1.0.0"

    var operations: [Operative.Operation] {
        Operative.Operation("foundation.now") { _ in Date(timeIntervalSince1970: 0).timeIntervalSince1970 }
        Operative.Operation("foundation.method", run)
        Operative.Operation("foundation.never") { ctx in try ctx.operation.retry(message: "never done") }
    }

    private func run(_ ctx: OperationContext) async throws {
        throw NonRecoverableError("from a method")
    }
}

@Suite("Plugins that import all of Foundation")
struct PluginWithFoundationTests {
    @Test("closures, methods and bodies that never return are operations")
    func operations() async throws {
        let registry = try OperationRegistry([FoundationPlugin()])
        let now = try #require(registry.operation(named: "foundation.now")).operation
        #expect(await run(now) == .succeeded(.double(0)))
        let method = try #require(registry.operation(named: "foundation.method")).operation
        #expect(await run(method) == .failed(OperationFailure(NonRecoverableError("from a method"))))
        let never = try #require(registry.operation(named: "foundation.never")).operation
        #expect(await run(never) == .retry(after: nil, message: "never done"))
    }
}
