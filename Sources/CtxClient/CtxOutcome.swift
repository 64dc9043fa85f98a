internal import Operative
internal import PythonFormat

/// What `ctx` prints and how it exits.
package struct CtxOutcome: Sendable, Hashable {
    /// For standard output; no line feed is added, because Cloudify's client adds none.
    package var output: [UInt8] = []
    /// For standard error.
    package var complaint = ""
    /// The exit status.
    package var status: Int32 = 0

    /// An outcome that is an error.
    ///
    /// - Parameter status: 1 for what went wrong, 2 for a wrong command line.
    package static func failure(_ message: String, status: Int32 = 1) -> CtxOutcome {
        CtxOutcome(complaint: "ctx: \(message)\n", status: status)
    }

    /// What an answer of the agent comes to.
    ///
    /// - Parameter body: the answer's JSON text.
    package static func of(answer body: [UInt8], asJSON: Bool) -> CtxOutcome {
        let answer: PropertyValue
        do throws(JSONError) {
            answer = try PropertyValue(json: body)
        } catch {
            return .failure("the answer is not JSON: \(error.reason) at byte \(error.offset)")
        }
        guard let payload = answer["payload"] else { return .failure("the answer has no payload") }
        switch answer["type"]?.stringValue {
        case "error":
            let type = payload["type"]?.stringValue ?? "Error"
            return .failure("\(type): \(payload["message"]?.stringValue ?? "no reason given")")
        case "stop_operation":
            return CtxOutcome(complaint: (payload["message"]?.stringValue ?? "") + "\n", status: 1)
        default:
            if asJSON { return CtxOutcome(output: PythonJSON.bytes(payload)) }
            return CtxOutcome(output: PythonText.isTrue(payload) ? Array(PythonText.string(payload).utf8) : [])
        }
    }
}
