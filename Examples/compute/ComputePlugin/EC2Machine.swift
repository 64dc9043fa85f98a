/// A machine as the endpoint describes it.
struct EC2Machine: Decodable, Sendable {
    struct State: Decodable, Sendable {
        let name: String

        /// The machine is on its way out, or out: it will never run again.
        var isGone: Bool { name == "terminated" || name == "shutting-down" }
    }

    struct Reason: Decodable, Sendable {
        let message: String?
    }

    enum CodingKeys: String, CodingKey {
        case id = "instanceId"
        case state = "instanceState"
        case reason = "stateReason"
        case privateAddress = "privateIpAddress"
        case publicAddress = "ipAddress"
        case subnet = "subnetId"
    }

    let id: String
    let state: State
    let reason: Reason?
    let privateAddress: String?
    let publicAddress: String?
    let subnet: String?
}
