internal import Operative

/// A successful answer.
struct ManagerAnswer: Sendable {
    let status: Int
    let contentType: String?
    /// Empty when the body went to a file.
    let body: [UInt8]
    /// How many bytes the body had.
    let length: Int
    /// Whether an earlier attempt may have arrived already.
    var wasUncertain = false

    /// The body as JSON.
    func json(_ request: ManagerRequest) throws(ManagerError) -> PropertyValue {
        do {
            return try PropertyValue(json: body)
        } catch {
            throw ManagerError(
                .invalidResponse, status: status, message: "the answer is not what was expected: \(error)",
                request: request.summary)
        }
    }
}
