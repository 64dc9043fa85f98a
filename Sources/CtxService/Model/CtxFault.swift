internal import Operative

/// An error as a script's client is told it: with the name of the Python class that the original has for it.
struct CtxFault: Error, Hashable {
    /// The class's name.
    let type: String
    /// The module in front of the name in a traceback; empty for Python's own classes.
    let module: String
    /// What is wrong.
    let message: String

    init(_ type: String, module: String = "", _ message: String) {
        self.type = type
        self.module = module
        self.message = message
    }

    /// What an error that was thrown below means to a script.
    init(_ error: any Error) {
        switch error {
        case let fault as CtxFault: self = fault
        case is CancellationError:
            self.init("NonRecoverableError", module: Self.exceptions, "The operation has ended.")
        case let error as ResourceError where error.code == .notFound:
            self.init("HttpException", module: Self.exceptions, error.message)
        case let error as UpdateConflict:
            self.init("CloudifyClientError", module: "cloudify_rest_client.exceptions", error.description)
        case is any NonRecoverable: self.init("NonRecoverableError", module: Self.exceptions, "\(error)")
        case is any Recoverable: self.init("RecoverableError", module: Self.exceptions, "\(error)")
        default: self.init(String(describing: Swift.type(of: error)), "\(error)")
        }
    }

    static func nonRecoverable(_ message: String) -> CtxFault {
        CtxFault("NonRecoverableError", module: exceptions, message)
    }
    static func runtime(_ message: String) -> CtxFault { CtxFault("RuntimeError", message) }
    static func type(_ message: String) -> CtxFault { CtxFault("TypeError", message) }
    static func value(_ message: String) -> CtxFault { CtxFault("ValueError", message) }

    private static let exceptions = "cloudify.exceptions"

    /// The last line of a Python traceback.
    var traceback: String {
        "Traceback (most recent call last):\n\(module.isEmpty ? "" : module + ".")\(type): \(message)\n"
    }
}
