import AgentRuntime
import Operative
import Testing

@Suite("Attendance table")
struct AttendanceTableTests {
    private static let failure = OperationFailure(kind: .nonRecoverable, typeName: "E", message: "m")

    @Test("Only a cancelled execution or a refused token ends a task silently before it starts")
    func execution() {
        #expect(AttendanceTable.opening(execution: .success(.cancelled)) == .endSilently)
        #expect(AttendanceTable.opening(execution: .failure(.tokenRefused)) == .endSilently)
        for status in [ExecutionStatus.started, .cancelling, .forceCancelling, .killCancelling, .terminated, .failed] {
            #expect(AttendanceTable.opening(execution: .success(status)) == nil)
        }
        #expect(AttendanceTable.opening(execution: .success(nil)) == nil)
        #expect(AttendanceTable.opening(execution: .failure(.interrupted)) == .handBack)
        #expect(AttendanceTable.opening(execution: .failure(.failed(Self.failure))) == .fail(Self.failure))
    }

    private func opening(
        _ record: Result<OperationState?, AttendanceError>, isLost: Bool = false, wasParked: Bool = false,
        policy: LostJournalPolicy = .fail, isResumable: Bool = false
    ) -> AttendanceTable.Opening {
        AttendanceTable.opening(
            record: record, isLost: isLost, wasParked: wasParked, policy: policy, isResumable: isResumable)
    }

    @Test("A record that says started resumes, any other lets the operation run as new")
    func record() {
        #expect(opening(.success(.started)) == .start(resume: true, storesStates: true))
        for state in [OperationState.pending, .sending, .sent, .responseSent] {
            #expect(opening(.success(state)) == .start(resume: false, storesStates: true))
        }
        #expect(opening(.success(nil)) == .start(resume: false, storesStates: false))
        #expect(opening(.failure(.tokenRefused)) == .endSilently)
        #expect(opening(.failure(.interrupted)) == .handBack)
    }

    @Test("With a lost journal an ended operation counts as begun, and without a record the setting decides")
    func lostJournal() {
        #expect(opening(.success(.sent), isLost: true) == .start(resume: false, storesStates: true))
        #expect(opening(.success(.responseSent), isLost: true) == .start(resume: true, storesStates: true))
        #expect(
            opening(.success(.responseSent), isLost: true, wasParked: true)
                == .start(resume: false, storesStates: true))
        #expect(opening(.success(nil), isLost: true, policy: .run) == .start(resume: false, storesStates: false))
        #expect(opening(.success(nil), isLost: true, isResumable: true) == .start(resume: true, storesStates: false))
        guard case .fail(let failure) = opening(.success(nil), isLost: true) else {
            Issue.record("it must fail")
            return
        }
        #expect(failure.typeName == "OperationInterrupted")
    }

    @Test("A state that is not taken silences nothing but a refused token")
    func closing() {
        #expect(AttendanceTable.closing(.success(())) == .tell)
        #expect(AttendanceTable.closing(.failure(.failed(Self.failure))) == .tell)
        #expect(AttendanceTable.closing(.failure(.tokenRefused)) == .silence)
        #expect(AttendanceTable.closing(.failure(.interrupted)) == .leave)
    }
}
