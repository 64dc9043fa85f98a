import AgentTestSupport
import Foundation
import Testing

@testable import OperationProcesses

@Suite("Handles of processes")
struct ProcessHandleTests {
    @Test(
        "The handle of a process that is gone closes its descriptor once: no other one is closed in its place",
        .ownProcess)
    func closedOnce() async {
        // This process, as it would be if it had begun at another time.
        let gone = ProcessSnapshot.Identity(pid: getpid(), startTime: 1)
        let thread = Thread {
            while !Thread.current.isCancelled {
                if let handle = ProcessHandle(gone) { handle.send(0) }
            }
        }
        thread.start()
        var lost = 0
        for _ in 0..<20_000 {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            sched_yield()
            if close(descriptor) != 0 { lost += 1 }
        }
        thread.cancel()
        #expect(lost == 0)
    }
}
