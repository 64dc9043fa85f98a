import Foundation
import ManagerTestServer
import Operative
import Testing

/// Many operations at once. `OPERATIVE_LONG_TESTS=1` runs them at their full size.
@Suite("Many operations of one manager", .timeLimit(.minutes(10)))
struct ManagedLoadTests {
    private static let isLong = ProcessInfo.processInfo.environment["OPERATIVE_LONG_TESTS"] != nil

    @Test("Parallel updates of one instance lose nothing")
    func updates() async throws {
        let (operations, updates) = Self.isLong ? (50, 20) : (10, 5)
        let counting = Operative.Operation("test.run") { ctx in
            for _ in 0..<updates {
                try await ctx.instance.refresh(force: true)
                try await ctx.instance.modifyRuntimeProperties { $0["n"] = .integer(($0["n"]?.intValue ?? 0) + 1) }
                try await ctx.instance.update { _, latest in
                    latest.merging(["n": .integer((latest["n"]?.intValue ?? 0) + 1)]) { $1 }
                }
            }
        }
        try await ManagedAgent.run([counting], concurrency: operations) { agent in
            let deliveries = (0..<operations).map { number in
                let task = ManagedTask(id: "t\(number)")
                agent.server.know(task)
                return agent.send(task.body)
            }
            for delivery in deliveries { _ = await delivery.settled() }
            #expect(agent.answers.count { $0["ok"] == true } == operations)
            let stored = agent.server.store
            #expect(stored.instances["app_1"]?["runtime_properties"]?["n"] == .integer(operations * updates))
            if Self.isLong { print("\(operations * updates) updates, \(stored.conflicts) conflicts") }
        }
    }

    @Test("A manager that is away for seconds fails no operation")
    func outage() async throws {
        let (operations, pause) = Self.isLong ? (200, Duration.seconds(10)) : (40, Duration.seconds(1))
        let touching = Operative.Operation("test.run") { ctx in _ = try await ctx.instance.runtimeProperties }
        try await ManagedAgent.run([touching], concurrency: 10) { agent in
            let deliveries = (0..<operations).map { number in
                let task = ManagedTask(id: "t\(number)")
                agent.server.know(task)
                return agent.send(task.body)
            }
            await agent.server.received(operations)
            await agent.server.goDown()
            // The outage itself: it is what is tested.
            try await Task.sleep(for: pause)
            try await agent.server.comeBack()
            for delivery in deliveries { #expect(await delivery.settled() == .acknowledged) }
            #expect(agent.answers.count { $0["ok"] == true } == operations)
            #expect(agent.server.store.operations.values.allSatisfy { $0["state"] == "response-sent" })
        }
    }

    @Test("Parallel operations of one deployment hand over all their files")
    func workdirs() async throws {
        let operations = Self.isLong ? 500 : 60
        let writing = Operative.Operation("test.run") { ctx in
            let directory = try await ctx.localDeploymentWorkdir ?? ""
            let id = ctx.taskID ?? ""
            let found = try String(contentsOfFile: directory + "/shared.txt", encoding: .utf8)
            guard found == "shared" else { throw NonRecoverableError("shared.txt has '\(found)'") }
            try id.write(toFile: directory + "/\(id).txt", atomically: false, encoding: .utf8)
        }
        try await ManagedAgent.run([writing], concurrency: 20, synchronizes: true) { agent in
            agent.server.change { $0.files["deployments/default_tenant/dep1/shared.txt"] = StoredFile("shared") }
            let deliveries = (0..<operations).map { number in
                let task = ManagedTask(id: "t\(number)")
                agent.server.know(task)
                return agent.send(task.body)
            }
            for delivery in deliveries { _ = await delivery.settled() }
            let failed = agent.answers.filter { $0["ok"] != true }
            #expect(failed.isEmpty, "\(failed.first?.jsonString ?? "")")
            let files = agent.server.store.files
            for number in 0..<operations {
                #expect(
                    files["deployments/default_tenant/dep1/t\(number).txt"]?.content == .bytes(Array("t\(number)".utf8))
                )
            }
            #expect(files.count == operations + 1)
            // Now and then one that is being written is handed over by another operation that has just ended, and again when it is whole.
            let uploads = agent.requests.count { $0.hasPrefix("PUT") }
            #expect(uploads < 2 * operations, "\(uploads) uploads")
        }
    }
}
