import Operative
import OperativeTestKit
import TestRandomness
import Testing

@testable import CtxService

/// The original's own code is asked the same as ours. What is answered otherwise on purpose is listed in docs/scripts.md, and kept out of
/// the words here or named in ``isMeant(_:_:)``.
@Suite("Agreement with the original's server")
struct OriginalAgreementTests {
    private static let properties: [String: PropertyValue] = [
        "port": 8080, "off": false, "none": .null, "text": "Grüße", "empty": "", "a.b": "dotted",
        "nested": ["a": ["b": [1, 2, ["c": "x"]]], "list": [[1, 2], "s"]], "list": ["zero", ["k": "v"], 2],
        "with-hyphen": 1, "with_underscore": 2, "x[0]": "bracket",
    ]
    private static let runtime: [String: PropertyValue] = [
        "k": "v", "deep": ["er": ["key": 1]], "list": [1, ["x": 5]], "number": 1.5, "none": .null,
    ]

    /// Answers lists of requests with the original's resolver, each list with a context of its own, and hands over what was answered and
    /// what the runtime properties then are.
    private static let original = """
        import json, logging, sys
        from cloudify.context import ImmutableProperties
        from cloudify.exceptions import NonRecoverableError
        from cloudify.manager import DirtyTrackingDict
        from cloudify.proxy.server import CtxProxy
        from script_runner import tasks

        class Thing(object):
            def __init__(self, **attributes):
                self.__dict__.update(attributes)

        class Operation(object):
            retry_number = 0
            def retry(self, message=None, retry_after=None):
                return None

        given = json.load(open(sys.argv[1]))

        def end(name):
            values = json.loads(json.dumps([given['properties'], given['runtime']]))
            return Thing(
                node=Thing(id=name, name=name, properties=ImmutableProperties(values[0])),
                instance=Thing(id=name + '_1', runtime_properties=DirtyTrackingDict(values[1]), update=lambda: None))

        def context(kind):
            if kind == 'node':
                ctx = end('web')
            else:
                ctx = Thing(source=end('web'), target=end('db'))
            ctx.operation = Operation()
            return ctx

        def answers(case):
            ctx = context(case['kind'])
            found = []
            def script(path, ctx, process):
                proxy = CtxProxy(ctx, '')
                for words in case['calls']:
                    answer = json.loads(proxy.process(json.dumps({'args': words})))
                    payload = answer['payload']
                    if answer['type'] == 'error':
                        payload = [payload['type'], payload['message']]
                    found.append([answer['type'], payload])
            try:
                tasks.process_execution(script, '', ctx)
            except NonRecoverableError:
                pass
            instance = ctx.instance if case['kind'] == 'node' else ctx.source.instance
            return [found, instance.runtime_properties]

        json.dump([answers(case) for case in given['cases']], sys.stdout)
        """

    private typealias Calls = [[PropertyValue]]

    private static let nodeCases: [Calls] = [
        // What scripts do.
        [["node", "properties", "nested.a.b[2].c"]], [["node", "properties", "nested.list[0]"]],
        [["node", "properties", "a.b"]], [["node", "properties", "x[0]"]], [["node", "properties", "with-hyphen"]],
        [["node", "properties", "with_hyphen"]], [["node", "properties"]], [["instance", "runtime-properties"]],
        [["instance", "runtime-properties", "new", "v"], ["instance", "runtime-properties", "new"]],
        [["instance", "runtime-properties", "new.deep.er", [1]], ["instance", "runtime-properties", "new.deep"]],
        [["instance", "runtime-properties", "deep.er.key", 2], ["instance", "runtime-properties", "deep"]],
        [["instance", "runtime-properties", "list[1].x", 6], ["instance", "runtime-properties", "list"]],
        [["instance", "runtime-properties", "list[1].new", 6]], [["instance", "runtime-properties", "list[7].x", 6]],
        [["instance", "runtime-properties", "list[0]", 6], ["instance", "runtime-properties", "list[0]"]],
        [["instance", "runtime-properties", "none", .null]], [["instance", "runtime-properties", "o", ["a": 1]]],
        [["instance", "runtime-properties", "a", "b", "c"]], [["instance", "runtime-properties", "", "b"]],
        [["instance", "runtime-properties", ".", "b"]], [["instance", "runtime-properties", "a..b", 1]],
        [["instance", "runtime-properties", "get", "k"]], [["instance", "runtime-properties", "get", "no", "default"]],
        [["instance", "runtime-properties", "pop", "k"], ["instance", "runtime-properties", "k"]],
        [["instance", "runtime-properties", "pop", "no", "d"]], [["instance", "runtime-properties", "clear"]],
        [["instance", "runtime-properties", "setdefault", "k", 7]], [["instance", "runtime-properties", "copy"]],
        [["instance", "runtime-properties", "setdefault", "s", [7]]], [["instance", "update"]],
        [["instance", "id"]], [["node", "name"]], [["operation", "retry-number"]], [["operation", "retry_number"]],
        // What goes wrong.
        [["nothing"]], [["node", "nothing"]], [["node", "properties", "port", 1]], [["node", "id", "x"]],
        [["node", "properties", "port", "x", "y"]], [["node", 5]], [[5]], [[["a": 1]]], [[.null]], [["instance", [1]]],
        [["instance", "runtime-properties", "list[9]"]], [["node", "properties", "update", ["a": 1]]],
        [["node", "properties", "clear"]], [["node", "properties", "pop", "port"]],
        // How it ends.
        [["returns", 5], ["returns", 6]], [["returns", .null], ["returns", 0], ["returns", "again"]],
        [["returns", ["a": 1], [:]]], [["returns", "a", [:]], ["abort-operation", "late"]],
        [["abort-operation", "no"], ["returns", 1]], [["abort-operation"]], [["abort_operation", ""]],
        [["abort-operation", "Grüße\n\"zwei\""]], [["abort-operation", 5]],
        [["abort-operation", ["message": "named"]]],
        [["retry-operation", "later"], ["retry-operation", "later"]], [["retry-operation", "later", 5]],
        [["retry-operation", "later", ["retry_after": 5]]], [["retry-operation"]],
        [["operation", "retry", "later", 5]], [["operation", "retry", ["message": "m", "retry_after": 1]]],
        [["node", "id"], ["returns", "x"], ["node", "id"]],
    ]

    private static let relationshipCases: [Calls] = [
        [["source", "node", "properties", "port"], ["target", "node", "properties", "nested.a.b[0]"]],
        [["source", "instance", "id"], ["target", "node", "id"], ["source", "instance", "runtime-properties", "k"]],
        [
            ["source", "instance", "runtime-properties", "new.deep", 5],
            ["source", "instance", "runtime-properties", "new"],
        ],
        [
            ["target", "instance", "runtime-properties", "deep.er"],
            ["target", "instance", "runtime-properties", "no"],
        ],
        [["source", "nothing"]], [["source", "node", "properties", "no"]],
    ]

    /// Paths that lead somewhere or nowhere, read and set.
    private static func random(_ generator: inout SeededGenerator) -> Calls {
        let segments = [
            "port", "nested", "a", "b", "b[0]", "b[2]", "b[9]", "list", "list[0]", "list[1]", "c", "k", "deep", "er",
            "key",
            "new", "none", "", "x", "b[2]tail", "b[-1]", "list[1][0]", "[0]", "list[]", "é",
        ]
        let values: [PropertyValue] = [1, "text", .null, [1, ["x": 2]], ["m": ["n": 1]], true, .double(0.5)]
        return (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            let path = (0..<Int.random(in: 1...4, using: &generator)).compactMap { _ in
                segments.randomElement(using: &generator)
            }.joined(separator: ".")
            let isProperties = Bool.random(using: &generator)
            var words: [PropertyValue] = isProperties ? ["node", "properties"] : ["instance", "runtime-properties"]
            words.append(.string(path))
            if !isProperties, Bool.random(using: &generator) {
                words.append(values.randomElement(using: &generator) ?? .null)
            }
            return words
        }
    }

    @Test("What scripts ask is answered as by the original, one call after the other, and the same is stored")
    func calls() async throws {
        var generator = SeededGenerator(seed: 3)
        let cases: [(kind: String, calls: Calls)] =
            Self.nodeCases.map { ("node", $0) } + Self.relationshipCases.map { ("relationship", $0) }
            + (0..<250).map { _ in ("node", Self.random(&generator)) }
        let input: PropertyValue = [
            "properties": .object(Self.properties), "runtime": .object(Self.runtime),
            "cases": .array(
                cases.map { ["kind": .string($0.kind), "calls": .array($0.calls.map { .array($0) })] }),
        ]
        let expected = try await Programs.evaluate(Self.original, input: input)
        for (index, one) in cases.enumerated() {
            let (found, stored) = try await ours(one.kind, one.calls)
            var differs = false
            for (position, words) in one.calls.enumerated() {
                let theirs = expected[index]?[0]?[position] ?? .null
                guard found[position] != theirs else { continue }
                differs = true
                #expect(Self.isMeant(found[position], theirs), "\(words): \(found[position]), there \(theirs)")
            }
            // Where one of them stopped half-way, the other may not.
            if !differs { #expect(stored == expected[index]?[1], "\(one.calls)") }
        }
    }

    private func ours(_ kind: String, _ calls: Calls) async throws -> ([PropertyValue], PropertyValue?) {
        let web = TestInstance(node: "web", properties: Self.properties, runtimeProperties: Self.runtime)
        let db = TestInstance(node: "db", properties: Self.properties, runtimeProperties: Self.runtime)
        let environment = kind == "node" ? OperationEnvironment(web) : OperationEnvironment(source: web, target: db)
        let context = environment.context()
        let answers = CtxAnswers()
        var found: [PropertyValue] = []
        for words in calls {
            let reply = try await answer(context, words, answers: answers)
            var payload = reply["payload"] ?? .null
            if reply["type"] == "error" { payload = [payload["type"] ?? .null, payload["message"] ?? .null] }
            found.append([reply["type"] ?? .null, payload])
        }
        let place: [PropertyValue] = (kind == "node" ? [] : ["source"]) + ["instance", "runtime-properties"]
        return (found, try await answer(context, place)["payload"])
    }

    /// Both are errors, and ours says more, or says *illegal path* where Python's own words stand there.
    private static func isMeant(_ ours: PropertyValue, _ theirs: PropertyValue) -> Bool {
        guard ours[0] == "error", theirs[0] == "error" else { return false }
        guard let message = ours[1]?[1]?.stringValue, let other = theirs[1]?[1]?.stringValue else { return false }
        if message.hasPrefix("illegal path: ") {
            return ["TypeError", "AttributeError", "RuntimeError"].contains(theirs[1]?[0])
        }
        return ours[1]?[0] == theirs[1]?[0] && message.hasPrefix(other)
            || ["TypeError", "AttributeError"].contains(theirs[1]?[0])
    }
}
