import Foundation
import Glibc
import OperationProcesses
import Testing

@Suite("Warm functions in Python whose parent is gone", .timeLimit(.minutes(5)))
struct LostParentTests {
    @Test("An operation that is cancelled when its parent has died ends as a cancelled one, not as a failure")
    func cancelled() async throws {
        let module = """
            import os, time
            def run(folder, **_):
                with open(folder + "/new", "w") as file: file.write("%d %d" % (os.getpid(), os.getppid()))
                os.rename(folder + "/new", folder + "/known")
                time.sleep(1000)
            """
        try await WarmFixture.with(["waits": module]) { (fixture: WarmFixture) async throws in
            let running = Task { try await fixture.run("waits.run") }
            try await eventually("the operation began") { fixture.plugin.contents("known") != nil }
            let known = try #require(fixture.plugin.contents("known")).split(separator: " ").compactMap { Int32($0) }
            kill(known[1], SIGKILL)
            try await eventually("the parent is gone") { !isRunning(known[1]) }
            running.cancel()
            #expect(try await running.value.end == .signalled(SIGTERM))
            #expect(!isRunning(known[0]))
            #expect(fixture.ledger.groups.isEmpty && fixture.cold.count == 0)
        }
    }
}
