import CtxClient
import Foundation
import Operative
import OperativeTestKit
import Testing

@testable import CtxService

@Suite("The program ctx, and Cloudify's own clients")
struct ClientTests {
    private let environment: OperationEnvironment = {
        var manager = TestManager()
        manager.resources = ["motd": "welcome\n", "template": "port {{ port }}"]
        return OperationEnvironment(
            TestInstance(
                node: "web",
                properties: [
                    "port": 8080, "debug": true, "off": false, "none": .null, "list": [1, "two", .null],
                    "object": ["k": "it's", "x": 1.5], "text": "Grüße",
                ]),
            manager: manager)
    }()

    /// What is true of every client, whichever face it uses.
    private func check(_ served: Served, path: [String], variables: [String: String] = [:]) async throws {
        let script = """
            set -e
            ctx node properties port; echo
            ctx node properties debug; echo "[$(ctx node properties off)$(ctx node properties none)]"
            ctx node properties list; echo
            ctx node properties object; echo
            ctx -j node properties object; echo
            ctx -j node properties none; echo
            ctx -j node properties text; echo
            ctx node properties text; echo
            ctx instance runtime-properties a.b '@[1, {"c": null}]'
            ctx instance runtime-properties a.b[1]; echo
            ctx instance runtime-properties s '@"x"'
            ctx instance runtime-properties s; echo
            ctx --json-arg-prefix % instance runtime-properties s %7
            ctx instance runtime-properties s -j; echo
            ctx logger info "two words"
            ctx send-event done
            ctx get-resource-and-render template '@{"template_variables": {"port": 1}}'; echo
            cat $(ctx download-resource motd)
            ctx instance update
            """
        let run = try await served.script(script, path: path, variables: variables)
        #expect(run.status == 0, "\(run)")
        #expect(
            run.output == """
                8080
                True[]
                [1, 'two', None]
                {'k': "it's", 'x': 1.5}
                {"k": "it's", "x": 1.5}
                null
                "Gr\\u00fc\\u00dfe"
                Grüße
                {'c': None}
                x
                7
                port 1
                welcome

                """, "\(run)")
        #expect(environment.logs.contains { $0.message == "two words" })
        #expect(environment.events == ["done"])
        #expect(environment.runtimeProperties["s"] == 7)
    }

    @Test("ctx over the Unix socket")
    func socket() async throws {
        try await serving(environment.context(), faces: [.socket]) { try await check($0, path: []) }
    }

    @Test("ctx over HTTP")
    func http() async throws {
        try await serving(environment.context(), faces: [.http]) { try await check($0, path: []) }
    }

    @Test("Cloudify's ctx")
    func cloudify() async throws {
        let python = try await Programs.python()
        try await serving(environment.context()) { (served) async throws in
            try await check(served, path: [python], variables: ["PYTHONIOENCODING": "utf-8"])
        }
    }

    @Test("errors end with status 1 and say what is wrong; nothing is printed on standard output")
    func errors() async throws {
        let answers = CtxAnswers()
        try await serving(environment.context(), answers: answers) { (served) async throws in
            let cases = [
                ("ctx node properties no.such", "ctx: RuntimeError: illegal path: no.such\n"),
                ("ctx nothing", "ctx: RuntimeError: nothing cannot be processed in ['nothing']\n"),
                (
                    "ctx instance runtime-properties k @x",
                    "ctx: argument 4 begins with '@' and is not JSON: expected a number at byte 0 (text that begins so needs another --json-arg-prefix)\n"
                ),
                ("ctx abort-operation 'no disk'", "no disk\n"),
                ("ctx returns 5", "ctx: RuntimeError: ctx may only abort or return once\n"),
            ]
            for (command, complaint) in cases {
                let run = try await served.script(command)
                #expect(run.status == 1, "\(command): \(run)")
                #expect(run.output == "", "\(command)")
                #expect(
                    run.complaint == complaint || command.contains("@x") && run.complaint.hasPrefix("ctx: argument 4"))
            }
            let wrong = try await served.script("ctx node -j properties")
            #expect(wrong.status == 2)
            #expect(wrong.complaint.contains("unrecognized arguments: properties"))
        }
        #expect(answers.conclusion == .saidTwice)
    }

    @Test("without an operation there is a clear error, after it too")
    func nowhere() async throws {
        let endpoints = try await serving(environment.context()) { $0.endpoints }
        let folder = URL(filePath: try Programs.ctx()).deletingLastPathComponent().path
        let none = try await shell("ctx node id", [:], path: [folder])
        #expect(none.status == 1)
        #expect(none.complaint.contains("neither OPERATIVE_CTX_SOCKET nor CTX_SOCKET_URL is set"))
        let late = try await shell("ctx node id", endpoints.environment, path: [folder])
        #expect(late.status == 1)
        #expect(late.complaint.contains("has ended"))
        let refused = try await shell(
            "ctx node id", ["CTX_SOCKET_URL": endpoints.environment["CTX_SOCKET_URL"] ?? ""], path: [folder])
        #expect(refused.status == 1)
        #expect(refused.complaint.contains("cannot be reached"))
    }

    @Test("a URL that somebody else has put into the environment wins over the agent's socket")
    func foreignURL() async throws {
        let other = OperationEnvironment(node: "other")
        try await serving(environment.context()) { (own) async throws in
            try await serving(other.context()) { (foreign) async throws in
                let inner = try await own.script("ctx node id", variables: ["CTX_SOCKET_URL": foreign.url])
                #expect(inner.output == "other", "\(inner)")
                let option = try await own.script("ctx --socket-url '\(foreign.url)' node id")
                #expect(option.output == "other", "\(option)")
                #expect(try await own.script("ctx node id").output == "web")
            }
        }
    }

    @Test("ctx-sh ends the script with the failed call, ours and Cloudify's")
    func shellWrapper() async throws {
        let python = try await Programs.python()
        try await serving(environment.context()) { (served) async throws in
            for path in [[], [python]] {
                let run = try await served.script(
                    ". ctx-sh; ctx node id; ctx node properties missing; echo not reached", path: path)
                #expect(run.status == 1)
                #expect(run.output == "web")
            }
        }
    }

    @Test("Cloudify's ctx-py over our ctx")
    func pythonWrapper() async throws {
        let python = try await Programs.python()
        let answers = CtxAnswers()
        try await serving(environment.context(), answers: answers) { (served) async throws in
            let script = """
                wrapper=$(\(python)/python -c 'import cloudify, os; print(os.path.dirname(cloudify.__file__))')/ctx_wrappers/ctx-py.py
                \(python)/python - "$wrapper" <<'END'
                import importlib.machinery, sys
                ctx = importlib.machinery.SourceFileLoader('ctx_py', sys.argv[1]).load_module().ctx
                print(ctx.node.id, ctx.node.properties['port'], ctx.instance.id, len(ctx.node.properties))
                try:
                    ctx.node.properties['missing']
                except KeyError as e:
                    print('KeyError', e)
                ctx.instance.runtime_properties['k'] = {'a': [1, None]}
                print(ctx.instance.runtime_properties['k'])
                del ctx.instance.runtime_properties['k']
                print(ctx.instance.runtime_properties['k'])
                ctx.logger.info('from python')
                print(ctx('node properties list'))
                print(ctx.download_resource_and_render('template', '', {'port': 5}).endswith('/template'))
                ctx.returns({'result': object})
                END
                """
            let run = try await served.script(script)
            #expect(run.status == 0, "\(run)")
            #expect(
                run.output == """
                    web 8080 web_1 7
                    KeyError 'missing'
                    {'a': [1, None]}
                    None
                    [1, 'two', None]
                    True

                    """, "\(run)")
        }
        #expect(answers.conclusion == .returned("{'result': <class 'object'>}"))
        #expect(environment.logs.contains { $0.message == "from python" })
    }

    @Test("a relative target is a file of the script's directory")
    func relativeTarget() async throws {
        try await serving(environment.context(), faces: [.socket]) { (served) async throws in
            let run = try await served.script(
                "cd $(mktemp -d) && ctx download-resource motd here.txt && echo && cat here.txt && rm here.txt && rmdir $PWD"
            )
            #expect(run.status == 0, "\(run)")
            #expect(run.output.hasSuffix("/here.txt\nwelcome\n"), "\(run)")
        }
    }

    @Test("Python that cannot write its objects as JSON sends their text")
    func wrappedObjects() throws {
        let values = try CtxRequest.values(
            ["a", #"@{"x": {"__non_json_serializable_repr__": "<object>"}}"#, "@[1]"], jsonPrefix: "@")
        #expect(values == ["a", ["x": "<object>"], [1]])
    }

    @Test("an agent's answer that makes no sense is an error, not a trap")
    func oddAnswers() {
        for answer in ["", "{", "[]", "5", "{}", #"{"type": "error"}"#, #"{"type": "error", "payload": 5}"#] {
            #expect(CtxOutcome.of(answer: Array(answer.utf8), asJSON: false).status == 1, "\(answer)")
        }
        #expect(throws: (any Error).self) { try HTTPAnswer.body(Array("HTTP/1.1 404 Not Found\r\n\r\n".utf8)) }
        #expect(throws: (any Error).self) { try HTTPAnswer.body(Array("nonsense".utf8)) }
        #expect(throws: (any Error).self) {
            try HTTPAnswer.body(Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234".utf8))
        }
        #expect(
            (try? HTTPAnswer.body(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}junk".utf8))) == Array("{}".utf8)
        )
    }

    @Test("URLs are taken apart")
    func addresses() throws {
        let address = try HTTPAddress("http://[::1]:8080/a/b")
        #expect((address.host, address.port, address.path) == ("::1", "8080", "/a/b"))
        let plain = try HTTPAddress("http://localhost")
        #expect((plain.host, plain.port, plain.path) == ("localhost", "80", "/"))
        for wrong in ["", "https://x", "http://", "http://x:y/", "http://x:99999/", "http://a b/", "http://x/\r\nA: b"]
        {
            #expect(throws: (any Error).self, "\(wrong)") { try HTTPAddress(wrong) }
        }
    }
}
