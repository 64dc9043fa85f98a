import Testing

@testable import OperationProcesses

@Suite("What agent, launcher and system tell each other")
struct LauncherTextTests {
    @Test("The lines of the launcher are understood, and others are not")
    func messages() {
        #expect(LauncherMessage("started 12") == .started(pid: 12))
        #expect(LauncherMessage("forked 12") == .forked(pid: 12))
        #expect(LauncherMessage("exited 3") == .ended(.exited(3)))
        #expect(LauncherMessage("signalled 9") == .ended(.signalled(9)))
        #expect(LauncherMessage("failed no such program") == .failed("no such program"))
        for line in ["", "started", "started x", "exited", "else 1"] { #expect(LauncherMessage(line) == nil) }
    }

    @Test("The start time of a process is found whatever its name, and a zombie counts as gone")
    func startTime() {
        let fields = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20"
        #expect(ProcessSnapshot(pid: 7, stat: "7 (sh) \(fields)")?.startTime == 4711)
        #expect(ProcessSnapshot(pid: 7, stat: "7 (a) b (c) \(fields)")?.startTime == 4711)
        #expect(ProcessSnapshot(pid: 7, stat: "7 (sh) Z\(fields.dropFirst())")?.startTime == nil)
        #expect(ProcessSnapshot(pid: 7, stat: "7 (sh")?.startTime == nil)
        #expect(ProcessSnapshot(pid: 7, stat: "7 (sh) S 1 2")?.startTime == nil)
    }

    @Test(
        "A command that no system could run is refused with a reason",
        arguments: [
            ProcessRequest(command: [], environment: [:], owner: "t"),
            ProcessRequest(command: [""], environment: [:], owner: "t"),
            ProcessRequest(command: ["a\0b"], environment: [:], owner: "t"),
            ProcessRequest(command: ["a"], environment: ["a=b": "c"], owner: "t"),
            ProcessRequest(command: ["a"], environment: ["a": "c\0"], owner: "t"),
        ])
    func refused(request: ProcessRequest) {
        #expect(throws: ProcessFailure.self) {
            try LauncherInstructions.encode(request, cgroup: nil, grace: .seconds(1))
        }
    }

    @Test("A process inherits the agent's environment without its settings and what systemd gave to it alone")
    func environment() {
        let inherited = OperationEnvironment(of: [
            "PATH": "/bin", "AGENT_NAME": "a", "CFY_EXEC_TEMP": "/tmp", "LANG": "C", "MY_EXTRA": "1",
            "OPERATIVE_BROKER_PASSWORD": "secret", "OPERATIVE_NAME": "a", "NOTIFY_SOCKET": "/run/x",
            "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "LISTEN_FDS": "1", "CREDENTIALS_DIRECTORY": "/run/c",
            "JOURNAL_STREAM": "8:1",
        ]).inherited
        #expect(
            inherited == [
                "PATH": "/bin", "AGENT_NAME": "a", "CFY_EXEC_TEMP": "/tmp", "LANG": "C", "MY_EXTRA": "1",
            ])
        #expect(OperationEnvironment(of: ["HOME": "/x"], user: "root").inherited["HOME"] == "/root")
    }
}
