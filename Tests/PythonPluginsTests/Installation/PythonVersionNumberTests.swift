import AgentTestSupport
import Operative
import PythonPlugins
import Testing

@Suite("Versions of Python packages")
struct PythonVersionNumberTests {
    @Test(
        "Versions come in the order of Python's own rules",
        arguments: [
            ["1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2"],
            ["1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7"],
            ["1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "1.10", "1!0.1"],
            ["no version", "0.0.0", "0.9", "1.0", "10.0", "2020.1", "99999999999999999999999999"],
        ])
    func order(_ texts: [String]) {
        let versions = texts.map { PythonVersionNumber($0) }
        for (earlier, later) in zip(versions, versions.dropFirst()) {
            #expect(earlier < later)
            #expect(!(later < earlier))
        }
    }

    @Test(
        "Different spellings are one version",
        arguments: [
            ("1.0", "1"), ("v1.0.0", "1.0"), ("1.0alpha1", "1.0a1"), ("1.0-PREVIEW-2", "1.0rc2"),
            ("1.0-1", "1.0.post1"),
            ("1.0.rev3", "1.0.post3"), (" 1.0_dev ", "1.0.dev0"), ("1.0+Ab_1", "1.0+ab.1"), ("0!1", "1.0.0"),
        ])
    func spellings(_ one: String, _ other: String) {
        #expect(PythonVersionNumber(one) == PythonVersionNumber(other))
        #expect(PythonVersionNumber(one).hashValue == PythonVersionNumber(other).hashValue)
    }

    @Test(
        "What the rules do not allow is known as such",
        arguments: ["", "x", "1.x", "1.0+", "1..0", "1.0+é", "1!", "1.0 2"])
    func invalid(_ text: String) {
        #expect(!PythonVersionNumber(text).isValid)
        #expect(PythonVersionNumber(text) == PythonVersionNumber(text))
        #expect(PythonVersionNumber(text) < PythonVersionNumber("0.dev0"))
    }

    @Test("A thousand versions come in the order that Python's packaging puts them in")
    func asPackaging() async throws {
        let python = try await TestPython.interpreter()
        let program = """
            import json, random
            from packaging.version import Version
            random.seed(7)
            def text():
                parts = ['', '', '', '1!'][random.randrange(4)]
                parts += '.'.join(str(random.choice([0, 0, 1, 2, 10])) for _ in range(random.randint(1, 4)))
                parts += random.choice(['', '', '', 'a', '-b2', '_rc.1', '.preview3', 'c0', 'alpha-4'])
                parts += random.choice(['', '', '', '.post', '-3', '.r4', '_rev0'])
                parts += random.choice(['', '', '', '.dev', 'dev2', '-dev_0'])
                return parts + random.choice(['', '', '', '', '+a', '+1', '+1.a', '+a.10', '+a-9'])
            texts = [text() for _ in range(1000)]
            print(json.dumps(sorted(set(texts), key=lambda text: (Version(text), text))))
            """
        let output = try await Command.run(python, ["-c", program])
        let texts = try #require(try PropertyValue(json: Array(output.utf8)).arrayValue).compactMap(\.stringValue)
        #expect(texts.count > 500)
        let sorted = texts.shuffled().sorted {
            let (left, right) = (PythonVersionNumber($0), PythonVersionNumber($1))
            return left == right ? Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) : left < right
        }
        #expect(sorted == texts)
    }
}
