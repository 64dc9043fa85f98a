package import Operative

/// What an agent answers to a request.
package typealias AdminAnswer = Result<PropertyValue, AdminError>

extension AdminAnswer {
    var line: [UInt8] {
        let version = PropertyValue.integer(AdminProtocol.version)
        let value: PropertyValue =
            switch self {
            case .success(let result): ["v": version, "ok": true, "result": result]
            case .failure(let error): ["v": version, "ok": false, "error": error.json]
            }
        return value.json + [UInt8(ascii: "\n")]
    }

    /// Reads an answer; what is none becomes the error `broken`.
    init(line: ArraySlice<UInt8>) {
        guard let value = try? PropertyValue(json: line) else {
            self = .failure(AdminError(.broken, "the agent's answer is not JSON"))
            return
        }
        if value["ok"] == true, let result = value["result"] {
            self = .success(result)
        } else {
            self = .failure(
                AdminError(json: value["error"]) ?? AdminError(.broken, "the agent's answer cannot be understood"))
        }
    }
}
