import AgentTestSupport
import Foundation
import ManagerTestServer
import Operative
import Subprocess
import Testing

@testable import PythonPlugins

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
        try await leaving(["-m", "pip"], in: place) { finish in
            let installing = Task { try await place.installer().install(place.managed, for: try place.caller()) }
            while !place.log.lines.contains(where: { $0.hasPrefix("Programs of an agent that was killed") }) {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(place.requests("GET", "/archive") == 0)
            try await finish()
            try await installing.value
        }
        #expect(place.states == ["installing", "installed"])
        #expect(!place.root.has("plugins/t/tiny-plugin/1.2/lib/left"))
        await place.close()
    }

    @Test("An installer that does not end is waited for only so long; the log says that the installation goes on")
    func leftForEver() async throws {
        let place = try await InstallationPlace()
        try await leaving(["-m", "pip"], in: place) { finish in
            try await place.installer(othersLimit: .milliseconds(1)).install(place.managed, for: try place.caller())
            #expect(place.log.lines.contains { $0.hasSuffix("going on in spite of them") }, "\(place.log.lines)")
            try await finish()
        }
        #expect(place.states == ["installing", "installed"])
        await place.close()
    }

    @Test("What a plugin has left at work in its directory is not waited for")
    func leftDaemon() async throws {
        let place = try await InstallationPlace()
        try await leaving(["-c", "import runpy; runpy.run_module('pip')"], in: place) { finish in
            try await place.installer().install(place.managed, for: try place.caller())
            try await finish()
        }
        #expect(place.states == ["installing", "installed"])
        #expect(!place.log.lines.contains { $0.hasPrefix("Programs of an agent that was killed") })
        await place.close()
    }

    @Test(
        "Installers are known by what they run, not by what is named to them",
        arguments: [
            ("python3 -m venv --without-pip /d", true), ("/d/bin/python -I -m pip install x", true),
            ("/d/bin/python /d/bin/pip3.11 install x", true), ("/usr/bin/wagon install /d", true),
            ("python3 -W ignore -c wagon.install() /d", true), ("/d/bin/python -m cloudify.dispatch /d", false),
            ("/d/bin/python -u -c program 42 /d/x.py", false), ("/d/bin/python daemon.py -m pip", false),
            ("/d/bin/python", false), ("", false),
        ])
    func installers(_ line: String, _ expected: Bool) {
        #expect(InstallationProcesses.isInstaller(line.split(separator: " ")) == expected)
    }

    /// Runs `body` with a program that is at work in the directory of the plugin, without the lock, and that has lost who started it. It
    /// ends when `finish` is called, and writes into the directory then.
    ///
    /// - Parameter arguments: those by which Python runs the module `pip`, in whose place it is.
    private func leaving(
        _ arguments: [String], in place: InstallationPlace,
        _ body: @escaping @Sendable (_ finish: @escaping @Sendable () async throws -> Void) async throws -> Void
    ) async throws {
        let modules = try TemporaryDirectory()
        try """
        import os, sys, time
        directory, starter = sys.argv[-2:]
        while os.getppid() == int(starter): time.sleep(0.01)
        os.makedirs(directory + '/lib')
        sys.stdin.read()
        os.makedirs(directory + '/lib/left', exist_ok=True)
        """.write(toFile: "\(modules.path)/pip.py", atomically: false, encoding: .utf8)
        let shell = #"folder=$1; shift; exec 3<&0; PYTHONPATH=$0 "$@" "$folder" $$ <&3 3<&- &"#
        let command = ["sh", "-c", shell, modules.path, "\(place.root.path)/plugins/t/tiny-plugin/1.2"]
        _ = try await Subprocess.run(
            .name("env"), arguments: Arguments(command + [place.workshop.python] + arguments), input: .inputWriter,
            output: .discarded, error: .discarded
        ) { execution in
            // Whoever has started it has ended by then, and with it what could be read of it.
            while !place.root.has("plugins/t/tiny-plugin/1.2/lib") { try await Task.sleep(for: .milliseconds(10)) }
            let input = execution.standardInputWriter
            try await body { try await input.finish() }
        }
    }
}
