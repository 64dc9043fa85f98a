internal import Operative

/// What the server says.
struct ServerAnswer: Sendable {
    enum Body: Sendable {
        case bytes([UInt8])
        /// So many bytes, made while they are sent.
        case generated(Int)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .generated(let count): count
            }
        }
    }

    var status = 200
    var contentType = "application/json"
    var body: Body = .bytes([])

    static func json(_ value: PropertyValue, status: Int = 200) -> ServerAnswer {
        ServerAnswer(status: status, body: .bytes(value.json))
    }

    static func error(_ status: Int, _ code: String, _ message: String) -> ServerAnswer {
        .json(
            ["message": .string(message), "error_code": .string(code), "server_traceback": ""], status: status)
    }

    static func list(
        _ items: [PropertyValue], total: Int? = nil, offset: Int = 0, size: Int = 1000
    ) -> ServerAnswer {
        .json([
            "items": .array(items),
            "metadata": [
                "pagination": [
                    "total": .integer(total ?? items.count), "size": .integer(size), "offset": .integer(offset),
                ],
                "filtered": nil,
            ],
        ])
    }

    static let nothing = ServerAnswer.json([:])
}
