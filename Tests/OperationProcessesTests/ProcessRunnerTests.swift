import AgentTestSupport
import Foundation
import OperationProcesses
import Synchronization
import Testing

@Suite("Processes of operations")
struct ProcessRunnerTests {
    @Test("Lines come in order of each channel, and the end is told as it was")
    func linesAndEnds() async throws {
        let bench = try ProcessBench()
        let seen = try await bench.run(
            bench.shell("for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf last; exit 7"))
        #expect(seen.output == ["out 1", "out 2", "out 3", "last"])
        #expect(seen.errors == ["err 1", "err 2", "err 3"])
        #expect(seen.end == .exited(7))
        #expect(try await bench.run(bench.shell("kill -USR1 $$")).end == .signalled(SIGUSR1))
        var merged = bench.shell("echo a; echo b >&2; echo c")
        merged.mergesErrorOutput = true
        #expect(try await bench.run(merged).output == ["a", "b", "c"])
    }

    @Test(
        "A program finds its own session, environment and directory, its signals as usual and no open file of the agent"
    )
    func surroundings() async throws {
        let bench = try ProcessBench()
        let script = """
            pwd; echo $COLOUR; cut -d' ' -f1,5,6 /proc/$$/stat
            while read -r name value; do case $name in SigBlk:|SigIgn:) echo "$value";; esac; done < /proc/$$/status
            echo $(env | cut -d= -f1 | sort)
            """
        let seen = try await bench.run(bench.shell(script, environment: ["COLOUR": "blue"]))
        let output = seen.output
        try #require(output.count == 6, "\(seen)")
        #expect(output[0].hasSuffix(bench.directory.split(separator: "/").last ?? "?"))
        #expect(output[1] == "blue")
        let numbers = output[2].split(separator: " ")
        #expect(Set(numbers).count == 1, "pid, group and session are \(numbers)")
        // The shell reads them itself: while it forks it blocks all signals.
        let open = try await bench.run(bench.request(["ls", "/proc/self/fd"]))
        #expect(open.output == ["0", "1", "2", "3"], "the fourth is the directory that ls lists")
        // Of the 64 bits, those of the signals that a program can know of; 32 and 33 are the C library's own.
        let masks = output[3...4].compactMap { UInt64($0.suffix(16), radix: 16) }
        #expect(masks.map { $0 & ~0x1_8000_0000 } == [0, 0], "\(output)")
        #expect(Set(output[5].split(separator: " ")) == ["COLOUR", "OPERATIVE_PROCESS_GROUP", "PATH", "PWD"])
    }

    @Test("The group is recorded before the first instruction, and forgotten after the last")
    func recorded() async throws {
        let ledger = SlowLedger()
        let bench = try ProcessBench(ledger: ledger)
        let running = Task { try await bench.run(bench.shell("touch begun; while [ ! -e go ]; do sleep 0.01; done")) }
        try await bench.until("the record") { ledger.isAsked }
        // The launcher has all it needs and waits for the journal alone.
        try await Task.sleep(for: .milliseconds(300))
        #expect(!bench.exists("begun"))
        ledger.letGo()
        try await bench.until("the beginning") { bench.exists("begun") }
        #expect(ledger.rows.count == 1)
        #expect(ledger.rows.values.first == "task")
        try Data().write(to: URL(filePath: "\(bench.directory)/go"))
        #expect(try await running.value.end == .exited(0))
        #expect(ledger.rows.isEmpty)
    }

    @Test("What the journal does not take is not run")
    func refusedByJournal() async throws {
        struct NoRoom: Error {}
        struct FullLedger: ProcessLedger {
            func began(_ group: ProcessGroup, owner: String) async throws { throw NoRoom() }
            func ended(_ group: ProcessGroup) async {}
        }
        let bench = try ProcessBench(ledger: FullLedger())
        await #expect(throws: ProcessFailure.self) { () async throws in try await bench.run(bench.shell("touch begun"))
        }
        #expect(!bench.exists("begun"))
    }

    @Test("What keeps a program from being run is told in one line, with what to do", arguments: Hindrance.allCases)
    func hindered(by hindrance: Hindrance) async throws {
        let bench = try ProcessBench()
        var request = bench.request(["true"])
        switch hindrance {
        case .program: request.command = ["no-such-program"]
        case .notExecutable: request.command = ["/etc/passwd"]
        case .directory: request.workingDirectory = "/no/such/directory"
        case .user: request.user = "no-such-user"
        }
        let failure = await #expect(throws: ProcessFailure.self) { try await bench.run(request) }
        let text = failure?.description ?? ""
        #expect(text.contains(hindrance.rawValue), "\(text)")
        #expect(!text.contains("\n"))
        #expect(bench.ledger.groups.isEmpty)
    }

    enum Hindrance: String, CaseIterable, Sendable {
        case program = "no such program in PATH"
        case notExecutable = "/etc/passwd: may not be run"
        case directory = "/no/such/directory cannot be entered"
        case user = "operation.user: there is no user no-such-user"
    }

    @Test("A missing launcher is told with the places where it was looked for")
    func missingLauncher() async throws {
        let failure = #expect(throws: ProcessFailure.self) {
            try OperationLauncher.find("no-such-helper", libexec: "/nowhere")
        }
        #expect(failure?.description.contains("/nowhere") == true)
    }

    @Test("Limits are kept")
    func limits() async throws {
        let bench = try ProcessBench()
        var request = bench.shell("ulimit -n; ulimit -v; ulimit -t")
        request.limits = ProcessLimits(memory: 1 << 30, cpuSeconds: 50, openFiles: 64)
        #expect(try await bench.run(request).output == ["64", "1048576", "50"])
    }

    @Test("Run by root, a program can be another user's", .root)
    func otherUser() async throws {
        let bench = try ProcessBench()
        var request = bench.shell("id -un; id -u; id -Gn; touch /root/x 2>/dev/null || echo refused")
        request.user = "nobody"
        request.workingDirectory = "/"
        #expect(try await bench.run(request).output == ["nobody", "65534", "nogroup", "refused"])
    }

    @Test("A child left in the background survives, and holds up the end only shortly when it keeps the output open")
    func backgroundChild() async throws {
        let bench = try ProcessBench()
        let mark = "MARK=\(UUID().uuidString)"
        let seen = try await bench.run(
            bench.shell(
                "sleep 600 & echo $! > child; echo said",
                environment: ["MARK": String(mark.dropFirst(5))]))
        #expect(seen.output == ["said"])
        #expect(seen.end == .exited(0))
        #expect(bench.ledger.groups.isEmpty)
        let left = ProcessBench.processes(with: mark)
        #expect(left.map { "\($0)\n" } == [bench.contents("child")])
        for pid in left { kill(pid, SIGKILL) }
    }

    @Test("Output can go to a file as it is, behind what is there")
    func toFile() async throws {
        let bench = try ProcessBench()
        let file = "\(bench.directory)/log"
        try Data("before\n".utf8).write(to: URL(filePath: file))
        let end = try await bench.runner.run(
            bench.shell("echo out; echo err >&2; printf 'x\\377'"), outputTo: file, onStart: { _ in })
        #expect(end == .exited(0))
        let bytes = FileManager.default.contents(atPath: file)
        #expect(bytes == Data("before\nout\nerr\nx".utf8) + [0xFF])
    }

    @Test(
        "A program that writes faster than its lines are taken waits: no more is read than a pipe and a buffer hold",
        .ownProcess)
    func flood() async throws {
        let bench = try ProcessBench()
        let mark = UUID().uuidString
        let lines = Mutex(0)
        let gate = Gate()
        OwnProcess.forgetPeak()
        let resident = OwnProcess.residentBytes
        let running = Task {
            try await bench.runner.run(
                bench.shell(
                    "yes 0123456789012345678901234567890123456789012345678901234567890 | head -c 62000000; touch end",
                    environment: ["MARK": mark]),
                onStart: { _ in }
            ) { _, _ in
                let count = lines.withLock { count in
                    count += 1
                    return count
                }
                if count == 1000 { await gate.wait() }
            }
        }
        try await bench.until("the thousandth line") { lines.withLock { $0 } == 1000 }
        // Two looks at a writer that has come to rest.
        var written = (before: -1, now: Self.writtenBytes(by: mark))
        while written.before != written.now {
            try await Task.sleep(for: .milliseconds(100))
            written = (written.now, Self.writtenBytes(by: mark))
        }
        #expect((1...2_000_000).contains(written.now), "\(written.now) bytes")
        #expect(!bench.exists("end"))
        gate.open()
        let end = try await running.value
        #expect(end == .exited(0))
        #expect(lines.withLock { $0 } == 1_000_000)
        let grown = OwnProcess.peakResidentBytes - resident
        #expect(grown < 24 << 20, "\(grown >> 10) KiB")
    }

    @Test("Launchers that are killed take nothing from the runs beside them: all of those end", .timeLimit(.minutes(3)))
    func killedLaunchers() async throws {
        let bench = try ProcessBench(grace: .milliseconds(100))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<25 {
                        await #expect(throws: ProcessFailure.self) {
                            try await bench.run(bench.shell("kill -9 $PPID; sleep 60"))
                        }
                    }
                }
                group.addTask { () async throws in
                    for _ in 0..<200 { #expect(try await bench.run(bench.shell("echo x")).output == ["x"]) }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(
        "A thousand runs, eight at a time, leave no descriptor, process or record behind", .ownProcess,
        .timeLimit(.minutes(5)))
    func thousandRuns() async throws {
        // In a process of its own: all that is open there is theirs.
        let bench = try ProcessBench()
        let request = bench.shell("echo $1; exit 0")
        @Sendable func run(_ count: Int) async throws {
            try await withThrowingTaskGroup(of: ProcessBench.Seen.self) { group in
                var seen: [ProcessEnd?] = []
                for number in 0..<count {
                    if number >= 8 { seen.append(try await group.next()?.end) }
                    group.addTask { try await bench.run(request) }
                }
                for try await one in group { seen.append(one.end) }
                #expect(seen.allSatisfy { $0 == .exited(0) })
            }
        }
        try await run(50)
        let before = OwnProcess.openDescriptors.count
        try await run(1000)
        #expect(bench.ledger.groups.isEmpty)
        #expect(OwnProcess.children == [])
        let areClosed = await OwnProcess.comes { OwnProcess.openDescriptors.count <= before }
        #expect(areClosed, "\(OwnProcess.openDescriptors.count) instead of \(before)")
    }

    /// What the process of this mark that has written most has written.
    private static func writtenBytes(by mark: String) -> Int {
        ProcessBench.processes(with: "MARK=\(mark)").compactMap { pid in
            let lines = (try? String(contentsOfFile: "/proc/\(pid)/io", encoding: .utf8))?.split(separator: "\n")
            return lines?.first { $0.hasPrefix("wchar:") }.flatMap { Int($0.dropFirst(7)) }
        }.max() ?? 0
    }
}

/// Takes a record only when it is allowed to.
private final class SlowLedger: ProcessLedger {
    private let gate = Gate()
    private let state = Mutex((isAsked: false, rows: [ProcessGroup: String]()))

    var isAsked: Bool { state.withLock { $0.isAsked } }
    var rows: [ProcessGroup: String] { state.withLock { $0.rows } }

    func letGo() { gate.open() }

    func began(_ group: ProcessGroup, owner: String) async throws {
        state.withLock { $0.isAsked = true }
        await gate.wait()
        state.withLock { $0.rows[group] = owner }
    }

    func ended(_ group: ProcessGroup) async { _ = state.withLock { $0.rows.removeValue(forKey: group) } }
}
