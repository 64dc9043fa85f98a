internal import CtxProtocol
internal import Glibc
internal import Operative

/// The program `ctx`.
package enum CtxProgram {
    /// Does what a command line asks for.
    ///
    /// - Parameters:
    ///   - line: without the program's name.
    ///   - environment: the value of a variable, nil when it is not set.
    package static func run(_ line: [String], environment: (String) -> String?) -> CtxOutcome {
        let arguments: CtxArguments
        do throws(CtxArguments.Failure) {
            arguments = try CtxArguments(line)
        } catch {
            switch error {
            case .helpWanted: return CtxOutcome(output: Array(CtxArguments.help.utf8))
            case .wrong(let what):
                return CtxOutcome(complaint: "\(CtxArguments.usage)\nctx: error: \(what)\n", status: 2)
            }
        }
        guard arguments.timeout > 0 else { return .failure("the timeout must be at least 1 second", status: 2) }
        do throws(CtxRequest.WrongWord) {
            let values = try CtxRequest.values(arguments.words, jsonPrefix: arguments.jsonPrefix)
            return ask(values, arguments, environment)
        } catch {
            return .failure(error.description)
        }
    }

    private static func ask(
        _ values: [PropertyValue], _ arguments: CtxArguments, _ environment: (String) -> String?
    ) -> CtxOutcome {
        // Beyond a year the system would not take it for a time.
        let seconds = min(arguments.timeout, 365 * 86400)
        do throws(SystemError) {
            let answer: [UInt8]
            if let (socket, token) = ownSocket(arguments, environment) {
                let body = CtxRequest.body(values, directory: workingDirectory())
                answer = try CtxConversation.ask(body, socket: socket, token: token, seconds: seconds)
            } else if let url = arguments.socketURL ?? environment(CtxVariable.url), !url.isEmpty {
                answer = try CtxConversation.ask(CtxRequest.body(values, directory: nil), url: url, seconds: seconds)
            } else {
                return .failure(
                    "there is no operation to ask: neither \(CtxVariable.socket) nor \(CtxVariable.url) is set, and --socket-url is not given."
                        + " ctx works in scripts that an agent runs, with ctx_proxy_type other than none")
            }
            return CtxOutcome.of(answer: answer, asJSON: arguments.printsJSON)
        } catch {
            return .failure(error.description)
        }
    }

    /// The socket, unless a URL is asked for, or whoever has started this process serves ctx under a URL of his own.
    private static func ownSocket(
        _ arguments: CtxArguments, _ environment: (String) -> String?
    ) -> (String, String)? {
        guard arguments.socketURL == nil, let socket = environment(CtxVariable.socket), !socket.isEmpty,
            let token = environment(CtxVariable.token)
        else { return nil }
        let url = environment(CtxVariable.url) ?? ""
        guard url.isEmpty || url == environment(CtxVariable.ownURL) else { return nil }
        return (socket, token)
    }

    private static func workingDirectory() -> String? {
        guard let path = unsafe getcwd(nil, 0) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(validatingCString: path)
    }
}
