import Operative

/// Replies as they can be compared: without what the recording's machine and the agent's own program have put into them.
enum RecordedTraceback {
    /// The places and the last line of each traceback, and no traceback of the agent itself.
    static func normalized(_ reply: PropertyValue) -> PropertyValue {
        guard var members = reply.objectValue, var error = members["error"]?.objectValue else { return reply }
        error["traceback"] = nil
        let causes = error["known_exception_type_kwargs"]?["causes"]?.arrayValue ?? []
        error["known_exception_type_kwargs"] = [
            "causes": .array(
                causes.map { cause in
                    guard let text = cause["traceback"]?.stringValue, var members = cause.objectValue else {
                        return cause
                    }
                    members["traceback"] = places(in: text)
                    return .object(members)
                })
        ]
        members["error"] = .object(error)
        return .object(members)
    }

    /// `ops.py plain` for each `File "…/ops.py", line 53, in plain`, then the last line.
    private static func places(in text: String) -> PropertyValue {
        let pattern = /\/([^\/"]+)", line \d+, in ([A-Za-z0-9_<>]+)/
        let places = text.matches(of: pattern).map { PropertyValue.string("\($0.output.1) \($0.output.2)") }
        let last = text.split(separator: "\n").last.map(String.init) ?? ""
        return .array(places + [.string(last)])
    }
}

extension ManagedAgent {
    /// A reply as it can be compared with a recorded one: with the names of the recording's directories, too.
    func readable(_ reply: PropertyValue) -> PropertyValue {
        var text = RecordedTraceback.normalized(reply).jsonString
        for (path, name) in [
            (directory + "/ca.pem", "/PATH/work/agent/cert.pem"), (directory, "/PATH/work/agent/work"),
        ] {
            text = text.replacing(path, with: name)
        }
        return (try? PropertyValue(json: Array(text.utf8))) ?? reply
    }
}
