import Testing

@testable import OperationProcesses

@Suite("What belongs to a group of processes")
struct ProcessMembersTests {
    private let group = ProcessGroup(pid: 100, startTime: 50, boot: "this", session: 200)

    /// A process as `/proc` has it.
    private func process(_ pid: Int32, parent: Int32 = 1, session: Int32 = 1, began: UInt64 = 60) -> ProcessSnapshot? {
        let zeros = Array(repeating: "0", count: 15).joined(separator: " ")
        return ProcessSnapshot(pid: pid, stat: "\(pid) (x) S \(parent) \(pid) \(session) \(zeros) \(began) 0")
    }

    private func pids(
        _ processes: [ProcessSnapshot?], marked: Set<Int32> = [], unique: Bool = false, wasFollowed: Bool = false
    ) -> Set<Int32> {
        var members = ProcessMembers(of: group, wasFollowed: wasFollowed)
        let found = members.look(at: processes.compactMap { $0 }, areNumbersUnique: unique) { marked.contains($0.pid) }
        return Set(found.map(\.pid))
    }

    @Test("The leader, what carries the mark, the sessions of these, and all that descends from them")
    func members() {
        let processes = [
            process(100, session: 100, began: 50), process(101, session: 100), process(102, parent: 101),
            process(103, parent: 102, session: 7), process(104, session: 8), process(105, parent: 104),
            process(106), process(107, session: 9), process(108, session: 8), process(109, session: 7),
        ]
        #expect(pids(processes, marked: [104]) == [100, 101, 102, 103, 104, 105, 108, 109])
    }

    @Test(
        "A session that only its number tells of counts when the group was followed, or no number can have come round")
    func leaderless() {
        let processes = [process(101, session: 100), process(102, session: 200)]
        #expect(pids(processes, marked: [102]) == [102])
        #expect(pids(processes, unique: true) == [101, 102])
        #expect(pids(processes, wasFollowed: true) == [101, 102])
        #expect(pids(processes) == [], "the number may be that of a later session")
    }

    @Test(
        "A leader that is still in the session of whoever forked it brings nothing of that along; nor do sessions without a number"
    )
    func sharedSession() {
        let processes = [process(100, session: 90, began: 50), process(101, session: 90), process(102, session: 0)]
        #expect(pids(processes + [process(103, session: 0)], marked: [102]) == [100, 102])
    }

    @Test(
        "Nothing older than the leader belongs to it, and nothing of a session that a later process of its number leads"
    )
    func reusedNumbers() {
        #expect(pids([process(101, session: 100, began: 49)], marked: [101], wasFollowed: true) == [])
        let later = [process(100, session: 100, began: 70), process(101, session: 100), process(102)]
        #expect(pids(later, unique: true, wasFollowed: true) == [])
        #expect(pids(later, marked: [102], wasFollowed: true) == [102])
        let older = [process(200, session: 200, began: 40), process(101, session: 200)]
        #expect(pids(older, unique: true, wasFollowed: true) == [])
        #expect(pids([process(104, parent: 104, began: 40), process(105, parent: 104)], wasFollowed: true) == [])
    }

    @Test("What was found once stays a member when its parent has ended and it has left the session")
    func remembered() {
        var members = ProcessMembers(of: group, wasFollowed: false)
        let before = [process(100, session: 100, began: 50), process(101, parent: 100)]
        let after = [process(101), process(102, parent: 101), process(103)]
        for (processes, pids) in [(before, [100, 101]), (after, [101, 102])] as [([ProcessSnapshot?], [Int32])] {
            let found = members.look(at: processes.compactMap { $0 }, areNumbersUnique: false) { _ in false }
            #expect(found.map(\.pid) == pids)
        }
        let reused = members.look(at: [process(101, began: 80)].compactMap { $0 }, areNumbersUnique: false) { _ in false
        }
        #expect(reused.isEmpty)
    }
}
