import Operative
import Synchronization
import Testing

@Suite("Runtime properties")
struct RuntimePropertyTests {
    struct OwnError: Error {}

    @Test(
        "changes are saved however the operation ends",
        arguments: [
            nil, RecoverableError("x"), NonRecoverableError("x"), OwnError(), StopAgentRequest(),
        ] as [(any Error)?])
    func savedAlways(error: (any Error)?) async {
        let backend = TestBackend(["web_1": ["a": 1]])
        _ = await run(
            on: backend,
            Operation("a") { ctx in
                try await ctx.instance.modifyRuntimeProperties { $0["b"] = 2 }
                if let error { throw error }
            })
        #expect(backend.properties("web_1") == ["a": 1, "b": 2])
    }

    @Test("changes are saved when the operation asks for a retry")
    func savedOnRetry() async {
        let backend = TestBackend()
        let outcome = await run(
            on: backend,
            Operation("a") { ctx in
                try await ctx.instance.modifyRuntimeProperties { $0["b"] = 2 }
                try ctx.operation.retry(message: "later")
            })
        #expect(outcome == .retry(after: nil, message: "later"))
        #expect(backend.properties("web_1") == ["b": 2])
    }

    @Test("changes are saved when the operation is cancelled, although its task can do no requests any more")
    func savedOnCancellation() async {
        let backend = TestBackend()
        let (changed, continuation) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            await run(
                on: backend,
                Operation("a") { ctx in
                    try await ctx.instance.modifyRuntimeProperties { $0["b"] = 2 }
                    continuation.finish()
                    try await Task.sleep(for: .seconds(600))
                })
        }
        for await _ in changed {}
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(backend.properties("web_1") == ["b": 2])
    }

    @Test("update saves at once, and the end saves only what came after")
    func update() async {
        let backend = TestBackend()
        _ = await run(
            on: backend,
            Operation("a") { ctx in
                try await ctx.instance.modifyRuntimeProperties { $0["id"] = "x" }
                try await ctx.instance.update()
                #expect(backend.properties("web_1") == ["id": "x"])
                try await ctx.instance.update()
                #expect(backend.stores.count == 1)
            })
        #expect(backend.stores.count == 1)
    }

    @Test("a change deep inside counts; reading or writing the same does not")
    func deepChanges() async {
        let backend = TestBackend(["web_1": ["list": [["k": 1]]]])
        _ = await run(
            on: backend,
            Operation("a") { ctx in
                _ = try await ctx.instance.runtimeProperties
                try await ctx.instance.modifyRuntimeProperties { $0["list"] = [["k": 1]] }
            })
        #expect(backend.stores.isEmpty)
        _ = await run(
            on: backend,
            Operation("a") { ctx in
                try await ctx.instance.modifyRuntimeProperties { $0["list"] = [["k": 2]] }
            })
        #expect(backend.properties("web_1") == ["list": [["k": 2]]])
    }

    @Test("an operation that touches nothing loads nothing")
    func nothing() async {
        let backend = TestBackend()
        _ = await run(on: backend, Operation("a") { ctx in _ = try ctx.instance.id })
        #expect(backend.state.withLock { $0.loads } == 0)
    }

    @Test("a modification that throws changes nothing")
    func throwingModification() async {
        let backend = TestBackend(["web_1": ["a": 1]])
        _ = await run(
            on: backend,
            Operation("a") { ctx in
                try? await ctx.instance.modifyRuntimeProperties {
                    $0["a"] = 2
                    throw OwnError()
                }
            })
        #expect(backend.stores.isEmpty)
    }

    @Test("concurrent modifications all count, over one load and without conflicts between concurrent saves")
    func concurrent() async {
        let backend = TestBackend()
        let outcome = await run(
            on: backend,
            Operation("a") { ctx in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            try await ctx.instance.modifyRuntimeProperties {
                                $0["count"] = .integer(($0["count"]?.intValue ?? 0) + 1)
                            }
                            if number.isMultiple(of: 5) { try await ctx.instance.update() }
                        }
                    }
                    try await group.waitForAll()
                }
            })
        #expect(outcome == .succeeded(.null))
        #expect(backend.properties("web_1") == ["count": 50])
        #expect(backend.state.withLock { $0.loads } == 1)
    }

    @Test("a change made while a save is under way is not lost")
    func changeDuringSave() async {
        let (stored, storing) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let backend = TestBackend {
            storing.finish()
            for await _ in released {}
        }
        let outcome = await run(
            on: backend,
            Operation("a") { ctx in
                try await ctx.instance.modifyRuntimeProperties { $0["first"] = 1 }
                async let saved: Void = ctx.instance.update()
                for await _ in stored {}
                try await ctx.instance.modifyRuntimeProperties { $0["second"] = 2 }
                release.finish()
                try await saved
            })
        #expect(outcome == .succeeded(.null))
        #expect(backend.properties("web_1") == ["first": 1, "second": 2])
        #expect(backend.stores.count == 2)
    }

    @Test(
        "a failing save replaces success, retry and error alike",
        arguments: [
            Operation("ok") { _ in }, Operation("retry") { ctx in try ctx.operation.retry() },
            Operation("error") { _ in throw OwnError() },
        ])
    func failingSave(operation: Operative.Operation) async {
        let backend = TestBackend(failing: ["web_1"])
        let outcome = await run(
            on: backend,
            Operation(operation.name) { ctx in
                try await ctx.instance.modifyRuntimeProperties { $0["b"] = 2 }
                _ = try await operation.body(ctx, OperationInputs { [:] })
            })
        guard case .failed(let failure) = outcome else {
            Issue.record("must fail")
            return
        }
        #expect(failure.typeName == "UpdateConflict")
        #expect(failure.kind == .recoverable(retryAfter: nil))
    }

    @Test("a relationship saves its source before its target, in whatever order they were touched")
    func relationship() async {
        let backend = TestBackend()
        let subject = ContextSubject.relationship(source: webNode, target: dbNode)
        let outcome = await run(
            on: backend, subject: subject,
            Operation("a") { ctx in
                try await ctx.target.instance.modifyRuntimeProperties { $0["t"] = 1 }
                try await ctx.source.instance.modifyRuntimeProperties { $0["s"] = 1 }
                #expect(ctx.kind == .relationship)
            })
        #expect(outcome == .succeeded(.null))
        #expect(backend.stores == ["web_1", "db_1"])
    }

    @Test("both ends of a relationship may be the same instance")
    func selfRelationship() async {
        let backend = TestBackend()
        let outcome = await run(
            on: backend, subject: .relationship(source: webNode, target: webNode),
            Operation("a") { ctx in
                try await ctx.target.instance.modifyRuntimeProperties { $0["t"] = 1 }
                try await ctx.source.instance.modifyRuntimeProperties { $0["s"] = 1 }
            })
        #expect(outcome == .succeeded(.null))
        #expect(backend.properties("web_1") == ["s": 1, "t": 1])
    }

    @Test("what does not belong to the kind of context is refused with the reason")
    func guards() {
        let deployment = makeContext(TestBackend(), subject: .deployment)
        let error = #expect(throws: NonRecoverableError.self) { try deployment.instance }
        #expect(
            error?.message
                == "ctx.node/ctx.instance can only be used in a node-instance context but used in a deployment context."
        )
        let instance = makeContext(TestBackend())
        let other = #expect(throws: NonRecoverableError.self) { try instance.source }
        #expect(
            other?.message
                == "ctx.source/ctx.target can only be used in a relationship-instance context but used in a node-instance context."
        )
    }

    @Test("node properties are fetched once")
    func nodeProperties() async {
        let backend = TestBackend()
        let outcome = await run(
            on: backend,
            Operation("a") { ctx in
                _ = try await ctx.node.properties
                return try await ctx.node.properties["name"]
            })
        #expect(outcome == .succeeded("web"))
        #expect(backend.state.withLock { $0.nodeLoads } == 1)
    }
}
