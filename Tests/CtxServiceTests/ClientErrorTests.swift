import Operative
import OperativeTestKit
import Testing

@testable import CtxService

@Suite("What the program ctx says when something is wrong")
struct ClientErrorTests {
    private let environment = OperationEnvironment(node: "web")

    @Test("what is wrong with a command line is said as argparse says it, what is wrong with an address in words")
    func wrongLines() async throws {
        try await serving(environment.context()) { (served) async throws in
            let wrong = served.url + "x"
            let cases: [(String, Int32, String)] = [
                ("ctx -t", 2, "ctx: error: argument -t/--timeout: expected one argument\n"),
                ("ctx -t -j node id", 2, "ctx: error: argument -t/--timeout: expected one argument\n"),
                ("ctx -t six node id", 2, "ctx: error: argument -t/--timeout: invalid int value: 'six'\n"),
                ("ctx -t 0 node id", 2, "ctx: the timeout must be at least 1 second\n"),
                ("ctx --timeout=-3 node id", 2, "ctx: the timeout must be at least 1 second\n"),
                ("ctx --socket-url", 2, "ctx: error: argument --socket-url: expected one argument\n"),
                (
                    "ctx --json node id", 2,
                    "ctx: error: ambiguous option: --json could match --json-arg-prefix, --json-output\n"
                ),
                (
                    "ctx --json-output=1 node id", 2,
                    "ctx: error: argument -j/--json-output: ignored explicit argument '1'\n"
                ),
                ("ctx --nope node id", 2, "ctx: error: unrecognized arguments: --nope"),
                ("ctx node --nope id", 2, "ctx: error: unrecognized arguments: --nope id"),
                ("ctx --socket-url ftp://x node id", 1, "ctx: Unsupported protocol"),
                ("ctx --socket-url http://127.0.0.1:1 node id", 1, "127.0.0.1:1 cannot be reached"),
                ("ctx --socket-url 'http://127.0.0.1:99999' node id", 1, "names no host and port"),
                ("ctx --socket-url \(wrong) node id", 1, "ctx: the request was refused: 404 Not Found\n"),
                ("ctx instance runtime-properties k '@{'", 1, "ctx: argument 4 begins with '@' and is not JSON: "),
                ("ctx instance runtime-properties k @", 1, "ctx: argument 4 begins with '@' and is not JSON: "),
                ("ctx", 1, "ctx: TypeError: Object of type"),
                ("ctx node id >&-", 1, "ctx: the answer could not be printed\n"),
                ("CTX_SOCKET_URL= OPERATIVE_CTX_SOCKET= ctx node id", 1, "there is no operation to ask"),
            ]
            for (command, status, complaint) in cases {
                let run = try await served.script(command)
                #expect(run.status == status && run.output == "", "\(command): \(run)")
                #expect(run.complaint.contains(complaint), "\(command): \(run.complaint)")
                #expect(
                    !run.complaint.contains(served.token) && !run.complaint.contains(served.secretPath), "\(command)")
                if status == 2, complaint.contains("error: ") { #expect(run.complaint.hasPrefix("usage: ctx ")) }
            }
            let help = try await served.script("ctx --help")
            #expect(help.status == 0 && help.output.hasPrefix("usage: ctx ") && help.complaint == "")
        }
    }

    @Test("an answer that does not come in time is an error that names the time and the option")
    func late() async throws {
        let manager = StubbornManager()
        try await serving(manager.context) { (served) async throws in
            for face in ["", "--socket-url $CTX_SOCKET_URL"] {
                let run = try await served.script("ctx -t 1 \(face) get-resource never")
                #expect(run.status == 1, "\(run)")
                #expect(run.complaint == "ctx: the answer did not come within 1 s (more with -t)\n")
            }
        }
    }
}
