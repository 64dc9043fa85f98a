/// One request, whatever host it goes to.
struct ManagerRequest: Sendable {
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    enum Body {
        case none
        case json([UInt8])
        case upload(FileUpload)
    }

    /// Which part of a manager it goes to: each has its own headers and its own rule for refusals.
    enum Service {
        /// Below `/api/v3.1`.
        case api
        /// A file below `/resources`; members of a cluster may not all have it yet, so each is asked.
        case files
        /// The workdir of a deployment below `/resources`, spoken to as the API is.
        case workdir
    }

    var method: Method
    var service: Service
    /// The path on the host, escaped.
    var path: String
    var query: [(name: String, value: String)] = []
    var body: Body = .none
    /// Whether it may be sent again when it is not known whether it arrived.
    var isRepeatable = true
    /// How long it may take with all repetitions; `nil` when only the retry policy limits it.
    var deadline: Duration?

    /// Method and path, without the query.
    var summary: String { "\(method.rawValue) \(path)" }

    /// The path with the query.
    var target: String { query.isEmpty ? path : path + "?" + URLText.query(query) }

    static func api(_ method: Method, _ segments: String...) -> ManagerRequest {
        ManagerRequest(
            method: method, service: .api, path: "/api/v3.1/" + segments.map(URLText.segment).joined(separator: "/"))
    }
}
