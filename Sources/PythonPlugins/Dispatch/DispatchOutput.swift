internal import Operative

/// What a dispatched process has left in `output.json`, as the outcome of the operation (Cloudify agent protocol, 2.5 and 9.1).
///
/// The original rebuilds the exception that the process has serialised and serialises it again; what comes of that is made here directly.
enum DispatchOutput {
    /// - Throws: the exception of the plugin; ``NonRecoverableError`` for what is no answer.
    static func result(of bytes: [UInt8]) throws -> PropertyValue {
        let output: PropertyValue
        do throws(JSONError) {
            output = try PropertyValue(json: bytes)
        } catch {
            throw NonRecoverableError("The operation's output.json cannot be read: \(error)")
        }
        switch output["type"] {
        case "result": return output["payload"] ?? .null
        case "error": throw try PythonException(output["payload"] ?? .null).asThrown()
        case let type:
            throw NonRecoverableError("Unexpected output type: \(type?.stringValue ?? type?.description ?? "None")")
        }
    }
}
