import AgentTestSupport
import Foundation
import ManagerTestServer
import Operative
import PythonPlugins
import Subprocess
import Testing

@Suite("Locks of installations", .timeLimit(.minutes(5)))
struct InstallationLockTests {
    /// A Python agent holds the lock as its library does; it says so, and lets go when its input ends.
    @Test("A plugin that a Python agent is installing is waited for")
    func pythonAgent() async throws {
        let place = try await InstallationPlace()
        let directory = "plugins/t/tiny-plugin/1.2"
        let program = """
            import fasteners, os, sys
            path = sys.argv[1]
            with fasteners.InterProcessLock(path + '.lock'):
                print('held', flush=True)
                sys.stdin.read()
                os.makedirs(path)
                open(path + '/plugin.id', 'w').write('plugin-1')
            """
        let result = try await Subprocess.run(
            .name("env"), arguments: [place.workshop.python, "-c", program, "\(place.root.path)/\(directory)"],
            input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            for try await _ in execution.standardOutput.strings() { break }
            let installing = Task { try await place.installer().install(place.managed, for: try place.caller()) }
            // Its state is told before it waits.
            await place.manager.received(2)
            #expect(place.requests("GET", "/archive") == 0)
            try await execution.standardInputWriter.finish()
            try await installing.value
        }
        #expect(result.terminationStatus.isSuccess)
        #expect(place.states == ["installing", "installed"])
        #expect(place.requests("GET", "/archive") == 0, "the Python agent has installed it")
        await place.close()
    }

    @Test(
        "An installation that is cancelled while it waits for another agent ends at once, without a trace but its end at the manager"
    )
    func cancelledWait() async throws {
        let place = try await InstallationPlace()
        let program = """
            import fasteners, sys
            with fasteners.InterProcessLock(sys.argv[1]):
                print('held', flush=True)
                sys.stdin.read()
            """
        let lock = "\(place.root.path)/plugins/t/tiny-plugin/1.2.lock"
        _ = try await Subprocess.run(
            .name("env"), arguments: [place.workshop.python, "-c", program, lock], input: .inputWriter,
            output: .sequence, error: .discarded
        ) { execution in
            for try await _ in execution.standardOutput.strings() { break }
            let installing = Task { try await place.installer().install(place.managed, for: try place.caller()) }
            await place.manager.received(2)
            installing.cancel()
            await #expect(throws: CancellationError.self) { try await installing.value }
            try await execution.standardInputWriter.finish()
        }
        #expect(place.root.names("plugins/t/tiny-plugin") == ["1.2.lock"])
        // A manager would show `installing` for ever.
        #expect(place.states == ["installing", "error"])
        #expect(place.manager.requests.last?.json?["error"] == "It was cancelled before it was done.")
        await place.close()
    }

    @Test("What an agent that was killed has left at work in a half made environment is waited for")
    func leftProgram() async throws {
        let place = try await InstallationPlace()
        let directory = "\(place.root.path)/plugins/t/tiny-plugin/1.2"
        // In the place of pip: it goes on writing until its input ends, without the lock.
        let program = """
            import os, sys
            os.makedirs(sys.argv[1] + '/lib')
            print('begun', flush=True)
            sys.stdin.read()
            os.makedirs(sys.argv[1] + '/lib/left', exist_ok=True)
            """
        _ = try await Subprocess.run(
            .name("env"), arguments: [place.workshop.python, "-c", program, directory], input: .inputWriter,
            output: .sequence, error: .discarded
        ) { execution in
            for try await _ in execution.standardOutput.strings() { break }
            let installing = Task { try await place.installer().install(place.managed, for: try place.caller()) }
            while !place.log.lines.contains(where: { $0.hasPrefix("Programs of an agent that was killed") }) {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(place.requests("GET", "/archive") == 0)
            try await execution.standardInputWriter.finish()
            try await installing.value
        }
        #expect(place.states == ["installing", "installed"])
        #expect(!place.root.has("plugins/t/tiny-plugin/1.2/lib/left"))
        await place.close()
    }
}
