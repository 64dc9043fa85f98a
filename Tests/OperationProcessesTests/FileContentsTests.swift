import AgentExecutors
import Foundation
import Synchronization
import Testing

@testable import OperationProcesses

@Suite("Whole files")
struct FileContentsTests {
    @Test("A signal that comes while a file is read neither ends nor shortens it")
    func interrupted() async throws {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        var before = sigaction()
        #expect(sigaction(SIGUSR2, &action, &before) == 0)
        defer { sigaction(SIGUSR2, &before, nil) }
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        let thread = Mutex<pthread_t?>(nil)
        let content = Promise<[UInt8]?>()
        #expect(
            NativeThread.start(name: "test-read") {
                // Threads of Dispatch block signals, and so do those that they start.
                var signals = sigset_t()
                sigemptyset(&signals)
                pthread_sigmask(SIG_SETMASK, &signals, nil)
                thread.withLock { $0 = pthread_self() }
                content.keep(FileContents.read(reader))
                close(reader)
                // Signals are sent to it up to the end.
                while true { sleep(1000) }
            })
        while thread.withLock({ $0 == nil }) { try await Task.sleep(for: .milliseconds(1)) }
        for byte in UInt8(0)..<50 {
            for _ in 0..<4 {
                try #require(pthread_kill(try #require(thread.withLock { $0 }), SIGUSR2) == 0)
                try await Task.sleep(for: .milliseconds(1))
            }
            try #require(write(writer, [byte], 1) == 1)
        }
        close(writer)
        #expect(await content.value() == Array(0..<50))
    }

    @Test("A file counts as missing only when the system says so")
    func missing() {
        #expect(FileContents.isMissing("/no/such/file"))
        #expect(!FileContents.isMissing("/etc/passwd"))
        #expect(!FileContents.isMissing("/etc/passwd/below"), "nobody knows")
    }
}
