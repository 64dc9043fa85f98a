internal import FoundationEssentials
internal import Operative
internal import XMLCoder

/// A request that the endpoint refused.
struct EC2Error: Error, CustomStringConvertible {
    let action: String
    let status: UInt
    let code: String
    let message: String

    init(action: String, status: UInt, answer: Data) {
        self.action = action
        self.status = status
        let details = (try? XMLDecoder().decode(EC2ErrorAnswer.self, from: answer))?.first
        code = details?.code ?? "HTTP \(status)"
        message = details?.message ?? "no reason given"
    }

    var description: String { "\(action): \(code): \(message)" }

    /// The endpoint does not know the machine, or does not know it yet.
    var meansNoSuchMachine: Bool { code == "InvalidInstanceID.NotFound" }

    /// What becomes of the operation. Trying again helps against a busy endpoint, not against a wrong key.
    var outcome: any Error {
        let isThrottled = ["RequestLimitExceeded", "Throttling", "ThrottlingException", "SlowDown"].contains(code)
        let mayPass = ["IncorrectInstanceState", "InsufficientInstanceCapacity", "RequestTimeout"].contains(code)
        guard isThrottled || mayPass || status >= 500 || status == 429 else { return NonRecoverableError(description) }
        return RecoverableError(description, retryAfter: isThrottled ? .seconds(10) : nil)
    }
}

private struct EC2ErrorAnswer: Decodable {
    struct Details: Decodable {
        enum CodingKeys: String, CodingKey {
            case code = "Code"
            case message = "Message"
        }

        let code: String
        let message: String?
    }

    struct Errors: Decodable {
        enum CodingKeys: String, CodingKey { case errors = "Error" }

        let errors: [Details]
    }

    enum CodingKeys: String, CodingKey { case errors = "Errors" }

    let errors: Errors

    var first: Details? { errors.errors.first }
}
