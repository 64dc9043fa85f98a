import Operative
import Synchronization
import Testing

@Suite("Conflicting changes")
struct ConflictTests {
    let backend = TestBackend(["web_1": ["a": 1]])

    @Test("without a handler a conflict is an error, and nothing is saved")
    func plain() async throws {
        let ctx = makeContext(backend)
        try await ctx.instance.modifyRuntimeProperties { $0["mine"] = 1 }
        backend.interfere(with: "web_1") { $0["theirs"] = 2 }
        await #expect(throws: UpdateConflict.self) { try await ctx.instance.update() }
        #expect(backend.properties("web_1") == ["a": 1, "theirs": 2])
    }

    @Test("simple merge keeps both sides' properties, over as many conflicts as there are")
    func simpleMerge() async throws {
        let left = Mutex(3)
        let contended = TestBackendBox()
        let backend = TestBackend(["web_1": ["a": 1]]) {
            let number = left.withLock { left in
                defer { left = max(left - 1, 0) }
                return left
            }
            if number > 0 { contended.backend?.interfere(with: "web_1") { $0["theirs\(number)"] = .integer(number) } }
        }
        contended.backend = backend
        let ctx = makeContext(backend)
        try await ctx.instance.modifyRuntimeProperties { $0["mine"] = 1 }
        try await ctx.instance.update(onConflict: .simpleMerge)
        #expect(backend.properties("web_1") == ["a": 1, "mine": 1, "theirs1": 1, "theirs2": 2, "theirs3": 3])
        #expect(backend.state.withLock { $0.conflicts } == 3)
        #expect(try await ctx.instance.runtimeProperties["theirs3"] == 3)
    }

    @Test("simple merge refuses a property that both sides have changed, and says which")
    func refused() async throws {
        let ctx = makeContext(backend)
        try await ctx.instance.modifyRuntimeProperties { $0["a"] = 2 }
        backend.interfere(with: "web_1") { $0["a"] = 3 }
        #expect(
            await message { try await ctx.instance.update(onConflict: .simpleMerge) }
                == "Cannot merge - a changed (old value: 2, new value: 3)")
        #expect(backend.properties("web_1") == ["a": 3])
    }

    @Test("a handler sees the operation's own properties and those that are stored")
    func closure() async throws {
        let ctx = makeContext(backend)
        try await ctx.instance.modifyRuntimeProperties { $0["a"] = 10 }
        backend.interfere(with: "web_1") { $0["a"] = 5 }
        try await ctx.instance.update { mine, latest in
            #expect(mine == ["a": 10] && latest == ["a": 5])
            return ["a": 15]
        }
        #expect(backend.properties("web_1") == ["a": 15])
    }

    @Test("a handler is not asked when nobody interferes, and nothing is sent when nothing has changed")
    func unasked() async throws {
        let ctx = makeContext(backend)
        try await ctx.instance.update(onConflict: .simpleMerge)
        _ = try await ctx.instance.runtimeProperties
        try await ctx.instance.update(onConflict: .simpleMerge)
        #expect(backend.stores.isEmpty)
        try await ctx.instance.modifyRuntimeProperties { $0["b"] = 1 }
        try await ctx.instance.update { _, _ in
            Issue.record("nobody interfered")
            return [:]
        }
        #expect(backend.stores.count == 1)
    }

    @Test("what is changed while a merged save is under way is merged with the next one")
    func changeDuringMerge() async throws {
        let context = Mutex<OperationContext?>(nil)
        let calls = Mutex(0)
        let backend = TestBackend(["web_1": [:]]) {
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            guard call == 2, let ctx = context.withLock({ $0 }) else { return }
            try? await ctx.instance.modifyRuntimeProperties { $0["late"] = 1 }
        }
        let ctx = makeContext(backend)
        context.withLock { $0 = ctx }
        try await ctx.instance.modifyRuntimeProperties { $0["mine"] = 1 }
        backend.interfere(with: "web_1") { $0["theirs"] = 1 }
        try await ctx.instance.update(onConflict: .simpleMerge)
        #expect(backend.properties("web_1") == ["mine": 1, "theirs": 1])
        try await ctx.instance.update(onConflict: .simpleMerge)
        #expect(backend.properties("web_1") == ["mine": 1, "theirs": 1, "late": 1])
        context.withLock { $0 = nil }
    }

    @Test("refreshing shows what others have changed, and refuses to lose one's own changes")
    func refresh() async throws {
        let ctx = makeContext(backend)
        _ = try await ctx.instance.runtimeProperties
        backend.interfere(with: "web_1") { $0["theirs"] = 1 }
        try await ctx.instance.refresh()
        #expect(try await ctx.instance.runtimeProperties == ["a": 1, "theirs": 1])
        try await ctx.instance.modifyRuntimeProperties { $0["a"] = 2 }
        #expect(
            await message { try await ctx.instance.refresh() }
                == "runtime_properties are dirty: refreshing now would destroy local changes")
        #expect(try await ctx.instance.runtimeProperties["a"] == 2)
        try await ctx.instance.refresh(force: true)
        #expect(try await ctx.instance.runtimeProperties["a"] == 1)
    }

    @Test("an operation that was answered for saves nothing")
    func answered() async throws {
        let ctx = makeContext(backend)
        try await ctx.instance.modifyRuntimeProperties { $0["b"] = 1 }
        backend.state.withLock { $0.isAnswered = true }
        #expect(await message { try await ctx.instance.update() }?.contains("answered for before it ended") == true)
        #expect(backend.stores.isEmpty)
    }

    @Test("50 operations with 20 updates each on one instance: none is lost, and conflicts are met")
    func many() async throws {
        let backend = TestBackend(["web_1": ["count": 0]])
        await withTaskGroup(of: OperationOutcome.self) { group in
            for number in 0..<50 {
                group.addTask {
                    await run(
                        on: backend,
                        Operation("count") { ctx in
                            for update in 0..<20 {
                                try await ctx.instance.modifyRuntimeProperties {
                                    $0["count"] = .integer(($0["count"]?.intValue ?? 0) + 1)
                                    $0["\(number)-\(update)"] = true
                                }
                                try await ctx.instance.update { mine, latest in
                                    var merged = latest.merging(mine) { theirs, _ in theirs }
                                    merged["count"] = .integer((latest["count"]?.intValue ?? 0) + 1)
                                    return merged
                                }
                            }
                        })
                }
            }
            for await outcome in group { #expect(outcome == .succeeded(.null)) }
        }
        let properties = try #require(backend.properties("web_1"))
        #expect(properties["count"] == 1000)
        #expect(properties.count == 1001)
        #expect(backend.state.withLock { $0.conflicts } > 0)
    }
}

/// Lets a backend's own hook reach it.
final class TestBackendBox: Sendable {
    private let held = Mutex<TestBackend?>(nil)
    var backend: TestBackend? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
