import Operative
import Synchronization
import Templates
import TestRandomness
import Testing

@Suite("Hostile templates")
struct HostileTemplateTests {
    private func reason(_ template: String, _ variables: [String: PropertyValue] = [:]) async -> String? {
        do {
            var limits = TemplateLimits()
            limits.steps = 20_000
            _ = try await TemplateRenderer(limits: limits).render(
                template, variables: variables.mapValues { .value($0) })
            return nil
        } catch {
            return (error as? NonRecoverableError)?.message ?? "another error: \(error)"
        }
    }

    @Test(
        "What does not end, or grows without end, is stopped with the reason",
        arguments: [
            (
                "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}",
                "does not come to an end"
            ),
            ("{{ range(9223372036854775807)|length }}", "does not come to an end"),
            ("{% set x = 'xxxxxxxxxxxxxxxx' * 1000000 %}{% for i in range(100) %}{{ x }}{% endfor %}", "too large"),
            ("{{ 'x' * 9223372036854775807 }}", "too"),
            ("{% set x = 'xxxxxxxx' * 1000000 %}{{ x.replace('x', x) }}", "too"),
            ("{% set x = 'xxxxxxxx' * 1000000 %}{{ x|list|join(x) }}", "too"),
            ("{{ 'x'|indent(9223372036854775807, true) }}", "0 to 1000 columns"),
            ("{{ 'x'|indent(-1, true) }}", "0 to 1000 columns"),
            ("{{ 9223372036854775807 + 1 }}", "too large"), ("{{ 2 ** 9999999999 }}", "too large"),
            ("{{ (-9223372036854775807 - 1) // -1 }}", "too large"), ("{{ (-9223372036854775807 - 1)|abs }}", "'abs'"),
            ("{{ 7 % 0 }}", "division by zero"), ("{{ ''.split('') }}", "separator is empty"),
        ])
    func bounded(template: String, expected: String) async {
        let message = await reason(template)
        #expect(message?.contains(expected) == true, "\(template): \(message ?? "no error")")
    }

    @Test("A text that doubles again and again is stopped")
    func doubling() async {
        let template = "{% set x = 'x' %}" + String(repeating: "{% set x = x ~ x %}", count: 60) + "{{ x }}"
        #expect(await reason(template)?.contains("too many or too large values") == true)
    }

    @Test("What holds the same value twice, again and again, is stopped before it is written out", arguments: [20])
    func sharing(times: Int) async {
        let twice = String(repeating: "{% set a = [a, a] %}", count: times)
        for end in ["{{ a }}", "{{ a|tojson }}", "{{ a|string|length }}", "{{ a ~ '' }}"] {
            #expect(await reason("{% set a = ['x'] %}\(twice)\(end)")?.contains("too many or too large values") == true)
        }
        let members = String(repeating: "{% set a = {'k': a, 'l': a} %}", count: times)
        #expect(await reason("{% set a = 'x' %}\(members){{ a }}")?.contains("too many or too large values") == true)
    }

    @Test("Values that are nested ever deeper are stopped", arguments: ["[a]", "{'k': a}", "{'k': a}|items|list"])
    func nestedValues(next: String) async {
        let deeper = String(repeating: "{% set a = \(next) %}", count: 1500)
        #expect(await reason("{% set a = 1 %}\(deeper){{ a }}")?.contains("nested too deeply") == true)
    }

    @Test(
        "Deep nesting is refused, not followed",
        arguments: [
            "{{ " + String(repeating: "(", count: 600) + "1" + String(repeating: ")", count: 600) + " }}",
            "{{ " + String(repeating: "[", count: 600) + " }}",
            "{{ " + String(repeating: "-", count: 600) + "1 }}",
            "{{ " + String(repeating: "not ", count: 600) + "1 }}",
            "{{ a" + String(repeating: ".a", count: 600) + " }}",
            "{{ a" + String(repeating: "|upper", count: 600) + " }}",
            String(repeating: "{% if 1 %}", count: 10_000) + String(repeating: "{% endif %}", count: 10_000),
            "{{ 1" + String(repeating: "**1", count: 600) + " }}",
        ])
    func nesting(template: String) async {
        let message = await reason(template, ["a": "x"])
        #expect(message?.contains("nested too deeply") == true, "\(message ?? "no error")")
    }

    @Test(
        "Long chains end in a value or a reason, not in a crash",
        arguments: ["+ 1", "~ 1", "or 0", "and 1", "< 1", "== 1", "is defined", "if 1"])
    func chains(link: String) async {
        let long = await reason("{{ 1" + String(repeating: " \(link)", count: 600) + " }}")
        #expect(long?.contains("another error") != true)
        let tooLong = await reason("{{ 1" + String(repeating: " \(link)", count: 50_000) + " }}")
        #expect(tooLong?.contains("a tag is too long") == true)
    }

    @Test("A template that is larger than the limit is refused")
    func size() async {
        #expect(await reason(String(repeating: "x", count: 2 << 20))?.contains("larger than 1048576 bytes") == true)
    }

    @Test(
        "No file is read",
        arguments: [
            "{% include '/etc/passwd' %}", "{% import '/etc/passwd' as p %}", "{% from '/etc/passwd' import p %}",
            "{% extends '/etc/passwd' %}",
        ])
    func files(template: String) async {
        let message = await reason(template)
        #expect(message?.contains("files are not") == true || message?.contains("not inherited") == true)
    }

    @Test("Classes and internals are out of reach, as nothing is there")
    func internals() async throws {
        let renderer = TemplateRenderer()
        #expect(try await renderer.render("{{ x.__class__ }}", variables: ["x": .value("y")]) == "")
        #expect(await reason("{{ ''.__class__.__mro__ }}")?.contains("undefined") == true)
    }

    @Test("A mistake names its line")
    func line() async {
        #expect(await reason("a\nb\n{{ 1 / 0 }}") == "The template cannot be rendered (line 3): division by zero.")
        #expect(await reason("a\n{# \n #}{% for x in %}") != nil)
    }

    @Test("Random pieces put together never crash")
    func random() async {
        let pieces = [
            "{{", "}}", "{%", "%}", "{#", "#}", "-", " ", "a", "'", "\"", "\\", "|", "(", ")", "[", "]", "{", "}", ".",
            ",", ":",
            "if ", "endif", "for ", " in ", "endfor", "set ", "=", "1", "-1", "range", "last", "first", "indent", "é",
            "\n", "raw",
            "endraw", "is ", "not ", "default", "tojson", "round", "items", "*", "**", "//", "%", "~", "else", "with ",
            "e",
        ]
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<1000 {
            let count = Int.random(in: 1...25, using: &generator)
            let body = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let template = Bool.random(using: &generator) ? body : "{{ a" + body + " }}"
            let message = await reason(template, ["a": ["x", ["b": 1], 2.5, nil]])
            #expect(message?.hasPrefix("another error") != true, "\(template)")
        }
    }

    @Test("What a template does not ask for is not fetched; what fetching throws comes through")
    func lazy() async throws {
        struct Away: Error {}
        let asked = Mutex(0)
        let variables: [String: TemplateValue] = [
            "ctx": .members([
                "id": .value("i"),
                "node": .later {
                    asked.withLock { $0 += 1 }
                    return .members(["name": .fetched { "web" }, "type": .fetched { throw Away() }])
                },
            ])
        ]
        let renderer = TemplateRenderer()
        #expect(
            try await renderer.render("{{ ctx.id }}{% if false %}{{ ctx.node.name }}{% endif %}", variables: variables)
                == "i")
        #expect(asked.withLock { $0 } == 0)
        #expect(try await renderer.render("{{ ctx['node'].name }}{{ ctx.nothing }}", variables: variables) == "web")
        await #expect(throws: Away.self) {
            try await renderer.render("{{ ctx.node.type }}", variables: variables)
        }
    }
}
