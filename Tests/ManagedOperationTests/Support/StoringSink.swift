import AgentRuntime
import Operative
import Synchronization

/// A sink that has every record on disk at once, and on its way only when it says so.
final class StoringSink: TelemetrySink {
    private struct State {
        var records: [TelemetryRecord] = []
        var questions = 0
        var hurries = 0
    }

    private let state = Mutex(State())
    private let isOut: @Sendable (_ question: Int) -> Bool
    let pendingBytes = 0

    /// - Parameter isOut: called each time somebody asks for records to be out, counted from 1: whether they are by then.
    init(isOut: @escaping @Sendable (_ question: Int) -> Bool) { self.isOut = isOut }

    /// How often somebody asked for records to be out.
    var questions: Int { state.withLock { $0.questions } }

    /// How often somebody said that there is no reason to wait.
    var hurries: Int { state.withLock { $0.hurries } }

    /// The texts of all records so far.
    var texts: [String] {
        state.withLock { $0.records }.compactMap {
            try? PropertyValue(json: $0.body).value(at: "message.text")?.stringValue
        }
    }

    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        let place = state.withLock { state in
            state.records.append(record)
            return Int64(state.records.count)
        }
        completion(.stored(at: place))
    }

    func onceOut(
        _ place: Int64, of destination: TelemetryDestination?, _ action: @escaping @Sendable () -> Void
    ) -> Int {
        let question = state.withLock { state in
            state.questions += 1
            return state.questions
        }
        if isOut(question) { action() }
        return question
    }

    func hurry(_ destination: TelemetryDestination?) { state.withLock { $0.hurries += 1 } }

    func forget(_ token: Int, of destination: TelemetryDestination?) {}
}
