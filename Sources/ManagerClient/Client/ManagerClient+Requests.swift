internal import Operative

extension ManagerClient {
    /// An object that answers a request.
    func fields(_ request: ManagerRequest) async throws(ManagerError) -> RecordFields {
        try RecordFields(try await send(request).json(request), request.summary)
    }

    /// The `items` that answer a request for a list.
    func items(_ request: ManagerRequest) async throws(ManagerError) -> [RecordFields] {
        try await fields(request).records("items")
    }

    /// A request with a JSON object as its body.
    func writing(
        _ members: [String: PropertyValue], _ request: ManagerRequest
    ) -> ManagerRequest {
        var request = request
        request.body = .json(PropertyValue.object(members).json)
        return request
    }

    /// How Python writes a flag in a query.
    func flag(_ value: Bool) -> String { value ? "True" : "False" }

    /// Names in a path must not be empty: the request would be another one.
    func checked(_ name: String, as what: String) throws(ManagerError) -> String {
        guard !name.isEmpty, name != ".", name != ".." else {
            throw ManagerError(.invalidRequest, message: "'\(name)' is no \(what)", request: what)
        }
        return name
    }
}

extension PropertyValue {
    init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}
