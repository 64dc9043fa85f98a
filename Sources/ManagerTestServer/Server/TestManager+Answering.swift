internal import Synchronization

extension TestManager {
    /// Records a request and says what becomes of it.
    func take(_ request: RecordedRequest) -> (answer: ServerAnswer?, fault: ManagerFault?) {
        let (result, reached) = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            let reached = state.waiting.filter { $0.count <= count }.map { $0.continuation }
            state.waiting.removeAll { $0.count <= count }
            let fault = Self.nextFault(&state, request)
            return (Self.carryOut(request, fault, &state), reached)
        }
        for continuation in reached { continuation.resume() }
        return result
    }

    private static func carryOut(
        _ request: RecordedRequest, _ fault: ManagerFault?, _ state: inout State
    ) -> (answer: ServerAnswer?, fault: ManagerFault?) {
        switch fault {
        case .status(let status, let code):
            (.error(status, code ?? "internal_server_error", "injected"), nil)
        case .close, .silence, .raw: (nil, fault)
        case .body(let text): (ServerAnswer(body: .bytes(Array(text.utf8))), nil)
        case .flood(let count): (ServerAnswer(body: .generated(count)), fault)
        case .delay, .truncate, .loseAnswer, .trickle, nil: (state.store.answer(request), fault)
        }
    }

    private static func nextFault(_ state: inout State, _ request: RecordedRequest) -> ManagerFault? {
        let index = state.faults.firstIndex { fault in
            (fault.method == nil || fault.method == request.method)
                && (fault.path.isEmpty || request.path.range(of: fault.path) != nil)
        }
        guard let index else { return nil }
        state.faults[index].times -= 1
        let fault = state.faults[index].fault
        if state.faults[index].times <= 0 { state.faults.remove(at: index) }
        return fault
    }
}
