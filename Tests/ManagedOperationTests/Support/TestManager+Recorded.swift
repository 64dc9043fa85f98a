import ManagerTestServer
import Operative

extension TestManager {
    /// Answers one request as it was answered when it was recorded.
    func answer(asRecorded request: PropertyValue) {
        let path = request["path"]?.stringValue ?? ""
        let method = request["method"]?.stringValue
        let (status, body) = (request["response_status"]?.intValue ?? 0, request["response_body"] ?? nil)
        if status >= 400 {
            inject(.status(status, code: body["error_code"]?.stringValue), method: method, path: path)
        } else {
            inject(.body(body.stringValue ?? body.jsonString), method: method, path: path)
        }
    }

    /// A recorded message, with the port of this manager.
    func own(_ message: PropertyValue) -> [UInt8] {
        Array(message.jsonString.replacing("\"rest_port\":28080", with: "\"rest_port\":\(port)").utf8)
    }
}
