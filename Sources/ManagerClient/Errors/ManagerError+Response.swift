internal import Operative

extension ManagerError {
    /// The error that an answer stands for.
    init(status: Int, body: [UInt8], request: String) {
        let fields = (try? PropertyValue(json: body))?.objectValue
        let code = fields?["error_code"]?.stringValue.map { OneLine.make($0, limit: 100) }
        let said = fields?["message"]?.stringValue ?? fields?["detail"]?.stringValue
        let text =
            said.map { OneLine.make($0, limit: 1000) }
            ?? (body.isEmpty
                ? "no explanation" : OneLine.make(String(decoding: body.prefix(300), as: UTF8.self), limit: 300))
        self.init(Self.reason(of: status), status: status, errorCode: code, message: text, request: request)
    }

    private static func reason(of status: Int) -> Reason {
        switch status {
        case 400: .badRequest
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 409: .conflict
        case 500...: .serverError
        default: .refused
        }
    }
}
