import Foundation
import Operative
import Templates
import Testing

/// Templates against what the real Jinja2 made of them; `make-cases.py` tells how.
@Suite("Templates like Jinja2")
struct JinjaTests {
    struct Case: Decodable, CustomTestStringConvertible {
        let template: String
        let output: String?
        var testDescription: String { template }
    }

    struct Table: Decodable {
        let variables: [String: PropertyValue]
        let cases: [Case]
    }

    static func table() throws -> Table {
        let file = try #require(Bundle.module.url(forResource: "jinja2", withExtension: "json"))
        return try PropertyValue(json: Array(try Data(contentsOf: file))).decode(as: Table.self)
    }

    /// What differs on purpose: the template, and what it gives here; nil for an error. docs/ctx.md says why.
    static let differences: [String: String?] = [
        "{{ words|map('upper')|join }}": nil,
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(1) }}": nil,
        "{% block b %}x{% endblock %}": nil,
        "{{ {'b': 1, 'a': 2} }}": "{'a': 2, 'b': 1}",
        "{{ 5|string + 'x' }} {{ port|dictsort }} {{ {'b': 1, 'a': 2}|dictsort }} {{ 'abc'|list }}":
            "5x [['get_input', 'port']] [['a', 2], ['b', 1]] ['a', 'b', 'c']",
    ]

    @Test("A template gives what Jinja2 gives, but for the differences that are listed")
    func same() async throws {
        let table = try Self.table()
        #expect(table.cases.count > 80)
        let variables = table.variables.mapValues { TemplateValue.value($0) }
        for each in table.cases {
            let expected = Self.differences[each.template] ?? each.output
            let output = try? await TemplateRenderer().render(each.template, variables: variables)
            #expect(output == expected, "\(each.template)")
        }
        let templates = Set(table.cases.map(\.template))
        for template in Self.differences.keys { #expect(templates.contains(template)) }
    }

    @Test("A difference that is listed is one")
    func differ() async throws {
        for each in try Self.table().cases {
            guard let other = Self.differences[each.template] else { continue }
            #expect(other != each.output, "\(each.template)")
        }
    }
}
