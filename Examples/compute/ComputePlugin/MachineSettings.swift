internal import Operative

/// The properties of a machine node, checked.
///
/// `image` is required, and in `connection` the `region`, `access_key_id` and `secret_access_key` (write `{ get_secret: … }` there);
/// `endpoint` and `session_token` may be given. Further: `flavor` (default `t3.micro`), `key_name`, `subnet`, `security_groups` (ids),
/// `user_data`, `use_public_ip` (default false) and `poll_seconds` (the pause between two looks, default 5).
struct MachineSettings: Sendable {
    let connection: EC2Connection
    let image: String
    let flavor: String
    let keyName: String?
    let subnet: String?
    let securityGroups: [String]
    let userData: String?
    let usesPublicAddress: Bool
    let poll: Duration

    init(_ properties: [String: PropertyValue]) throws {
        connection = try EC2Connection(properties["connection"] ?? .null)
        guard let image = properties["image"]?.stringValue, !image.isEmpty else {
            throw NonRecoverableError("Node property 'image' must be the id of a machine image, such as ami-0abc.")
        }
        self.image = image
        flavor = properties["flavor"]?.stringValue ?? "t3.micro"
        keyName = properties["key_name"]?.stringValue
        subnet = properties["subnet"]?.stringValue
        securityGroups = properties["security_groups"]?.arrayValue?.compactMap(\.stringValue) ?? []
        userData = properties["user_data"]?.stringValue
        usesPublicAddress = properties["use_public_ip"]?.boolValue ?? false
        let seconds = properties["poll_seconds"]?.doubleValue ?? 5
        guard seconds > 0, seconds < 86_400 else {
            throw NonRecoverableError("Node property 'poll_seconds' must be seconds within a day.")
        }
        poll = .seconds(seconds)
    }
}
