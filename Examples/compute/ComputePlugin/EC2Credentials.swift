/// An access key. It has no description of its own that could end up in a log.
struct EC2Credentials: Sendable {
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
}
