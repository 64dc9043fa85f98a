import AgentExecutors
import AgentTestSupport
import Foundation
import Synchronization
import Testing

@testable import OperationProcesses

@Suite("Programs that the agent starts", .timeLimit(.minutes(3)))
struct ChildProcessTests {
    @Test(
        "A process starts, speaks, is ended and leaves nothing while plugins hold all threads of Swift's shared pool",
        .ownProcess)
    func sharedPoolHeld() async throws {
        let bench = try ProcessBench(grace: .milliseconds(100))
        let (ends, isHeld) = try await HeldSharedPool.run {
            let seen = try await bench.run(bench.shell("echo said; exit 3"))
            let begun = Gate()
            let running = Task(executorPreference: HeldSharedPool.elsewhere) {
                try await bench.runner.run(
                    bench.shell("trap '' TERM; echo begun; while :; do sleep 1; done"), onStart: { _ in },
                    onLine: { _, _ in begun.open() })
            }
            await begun.wait()
            running.cancel()
            return [seen.end, try await running.value]
        }
        #expect(ends == [.exited(3), .signalled(SIGKILL)])
        #expect(bench.ledger.groups.isEmpty)
        #expect(isHeld, "only when the threads were free again")
    }

    @Test(
        "A child blocks and ignores no signal, leads a session, and begins in /, whatever the thread that starts it does"
    )
    func signals() async throws {
        let output = try OutputFile()
        let before = signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, before) }
        let started = Mutex<Result<ChildProcess, any Error>?>(nil)
        let isDone = Gate()
        #expect(
            NativeThread.start(name: "test-blocked") {
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_SETMASK, &all, nil)
                let child = Result {
                    try ChildProcess(
                        ["cat", "/proc/self/status", "/proc/self/stat"], environment: ["PATH": "/usr/bin:/bin"],
                        input: output.nothing, output: output.descriptor, error: output.descriptor)
                }
                started.withLock { $0 = child }
                isDone.open()
            })
        await isDone.wait()
        let child = try #require(started.withLock { $0 }).get()
        #expect(await child.end() == .exited(0))
        let lines = output.text.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace) }
        for name in ["SigBlk:", "SigIgn:", "SigCgt:"] {
            let mask = try #require(lines.first { $0.first == name[...] }?.last.flatMap { UInt64($0, radix: 16) })
            // 32 and 33 are the C library's own, which no program can know of.
            #expect(mask & ~0x1_8000_0000 == 0, "\(name) \(String(mask, radix: 16))")
        }
        #expect(lines.last?[5] == "\(child.pid)"[...])
    }

    @Test(
        "No descriptor leaks into a child, however many are opened and however many children start at the same moment")
    func descriptors() async throws {
        let isOver = Mutex(false)
        let opener = Task.detached {
            var opened = 0
            while !isOver.withLock({ $0 }) {
                // Without being closed on exec, as a library of a plugin may do.
                let copies = (0..<50).map { _ in dup(0) }
                for copy in copies { close(copy) }
                opened += 50
                await Task.yield()
            }
            return opened
        }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var seen = ""
                    for _ in 0..<20 {
                        let output = try OutputFile()
                        let child = try ChildProcess(
                            ["/bin/ls", "/proc/self/fd"], input: output.nothing, output: output.descriptor,
                            error: output.descriptor)
                        #expect(await child.end() == .exited(0))
                        seen += output.text
                    }
                    return seen
                }
            }
            for try await seen in group {
                // The fourth is the directory that ls lists.
                #expect(seen == String(repeating: "0\n1\n2\n3\n", count: 20))
            }
        }
        isOver.withLock { $0 = true }
        #expect(await opener.value > 0)
    }

    @Test("Where the system gives no descriptor for a process its end is noticed all the same")
    func withoutHandle() async throws {
        let output = try OutputFile()
        for (script, end) in [("exit 7", ProcessEnd.exited(7)), ("sleep 0.1; kill -9 $$", .signalled(SIGKILL))] {
            let child = try ChildProcess(
                ["/bin/sh", "-c", script], input: output.nothing, output: output.descriptor, error: output.descriptor,
                open: { _ in -1 })
            #expect(await child.end() == end)
        }
    }

    @Test("A program that is not there is told, and a descriptor with a standard number is given like any other")
    func oddities() async throws {
        let output = try OutputFile()
        let failure = #expect(throws: ProcessFailure.self) {
            try ChildProcess(
                ["no-such-program"], input: output.nothing, output: output.descriptor, error: output.descriptor)
        }
        #expect(failure?.description.contains("no-such-program: No such file") == true, "\(failure as Any)")
        let child = try ChildProcess(
            ["/bin/sh", "-c", "echo said >&2; [ ! -t 1 ]"], input: output.nothing, output: 2, error: output.descriptor)
        #expect(await child.end() == .exited(0))
        #expect(output.text == "said\n")
    }

    @Test("Orders to a resident program arrive whole and in order also when it takes them late, and its end follows")
    func resident() async throws {
        let resident = try ResidentProcess(
            ["sh", "-c", "sleep 0.3; wc -c; echo over"], environment: ["PATH": "/usr/bin:/bin"])
        let portion = [UInt8](repeating: 65, count: 99_999) + [10]
        for _ in 0..<20 { resident.send(portion) }
        resident.endInput()
        let lines = Mutex([String]())
        #expect(await resident.follow { line in lines.withLock { $0.append(line) } } == .exited(0))
        #expect(lines.withLock { $0.map { $0.trimmingCharacters(in: .whitespaces) } } == ["2000000", "over"])
    }
}

/// A file that children write to, and `/dev/null` for them to read.
private final class OutputFile: Sendable {
    let path = NSTemporaryDirectory() + "child-output-\(UUID().uuidString)"
    let descriptor: Int32
    let nothing: Int32

    init() throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0 && nothing >= 0)
    }

    var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    deinit {
        close(descriptor)
        close(nothing)
        unlink(path)
    }
}
