internal import Operative

/// A reply as a person or a script wants to see it.
struct ReceivedReply: Sendable {
    /// The reply as it came.
    let raw: String
    /// The operation's result for standard output: empty when there is none.
    let text: String
    /// What went wrong, in one line; nil when nothing did.
    let complaint: String?
    let status: Int32

    init(_ bytes: [UInt8]) {
        raw = String(decoding: bytes, as: UTF8.self)
        let reply = try? PropertyValue(json: bytes)
        let isSuccess = reply?["ok"]?.boolValue == true
        let error = reply?["error"]
        let kind = error?["known_exception_type"]?.stringValue ?? "Error"
        let message = error?["message"]?.stringValue ?? error?.stringValue ?? "the reply makes no sense: \(raw)"
        text = isSuccess ? Self.show(reply?["result"]) : ""
        complaint = isSuccess ? nil : "\(kind): \(message)\(Self.causes(of: error))"
        status = isSuccess ? 0 : Self.status(of: kind, error?["exception_type"]?.stringValue)
    }

    private static func show(_ result: PropertyValue?) -> String {
        guard let result, !result.isNull else { return "" }
        return (result.stringValue ?? result.jsonString) + "\n"
    }

    private static func causes(of error: PropertyValue?) -> String {
        let causes = error?["known_exception_type_kwargs"]?["causes"]?.arrayValue ?? []
        let texts = causes.compactMap { cause -> String? in
            guard let type = cause["type"]?.stringValue, let message = cause["message"]?.stringValue else { return nil }
            return message == error?["message"]?.stringValue ? nil : "\n  caused by \(type): \(message)"
        }
        return texts.joined()
    }

    private static func status(of kind: String, _ exceptionType: String?) -> Int32 {
        switch (kind, exceptionType) {
        case (_, "ProcessKillCancelled"): ExitStatus.cancelled
        case ("RecoverableError", _), ("OperationRetry", _): ExitStatus.temporaryFailure
        default: ExitStatus.failed
        }
    }
}
