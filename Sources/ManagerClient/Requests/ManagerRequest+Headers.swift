extension ManagerRequest {
    /// The headers that matter to a manager, in the order of its own client.
    func headers(_ credentials: ManagerCredentials) -> [(name: String, value: String)] {
        var headers: [(String, String)] = []
        if let token = credentials.token { headers.append(token.header) }
        switch body {
        case .none, .json:
            if service != .files { headers.append(("Content-type", "application/json")) }
        case .upload(let upload):
            headers.append(("Content-Type", "multipart/form-data; boundary=\(upload.boundary)"))
        }
        guard service != .files else { return headers }
        if let tenant = credentials.tenant { headers.append(("Tenant", tenant)) }
        if credentials.bypassesMaintenance { headers.append(("X-BYPASS-MAINTENANCE", "True")) }
        return headers
    }
}
