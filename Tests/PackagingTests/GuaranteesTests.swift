import Foundation
import Testing

@Suite("Guarantees")
struct GuaranteesTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("Every test that docs/guarantees.md names exists")
    func namesExist() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/guarantees.md"), encoding: .utf8)
        let sources = try Self.testSources()
        // Each entry reads: - *suite* / *test*
        let entries = page.matches(of: /\n- \*([^*]+)\* \/ \*([^*]+)\*/)
        #expect(entries.count > 50)
        for entry in entries {
            let name = entry.output.2.replacing("\n  ", with: " ").replacing("\"", with: "\\\"")
            #expect(sources.contains("\"\(name)\""), "no test is called: \(name)")
            #expect(
                sources.contains("@Suite(\"\(entry.output.1)\"")
                    || sources.contains("@Suite(\n    \"\(entry.output.1)\""), "no suite is called: \(entry.output.1)")
        }
    }

    @Test("Every mechanism that can be switched off has a test, for each of the nine sentences at least one")
    func everySwitchHasATest() throws {
        let switches = try String(
            contentsOf: Self.root.appending(path: "Sources/AgentSabotage/Sabotage.swift"), encoding: .utf8)
        let script = try String(contentsOf: Self.root.appending(path: "scripts/guarantees-bite"), encoding: .utf8)
        let sources = try Self.testSources()
        let rows = script.matches(of: /\n([a-z-]+) +\| (\d) \| \w+\.(\w+)\/(\w+) +\| \d+/)
        #expect(
            rows.map { String($0.output.1) }.sorted()
                == switches.matches(of: /case \w+ = "([a-z-]+)"/).map { String($0.output.1) }.sorted())
        #expect(Set(rows.map { String($0.output.2) }) == Set((1...9).map(String.init)))
        for row in rows {
            #expect(sources.contains("struct \(row.output.3)"), "no suite \(row.output.3)")
            #expect(sources.contains("func \(row.output.4)("), "no test \(row.output.4)")
        }
    }

    private static func testSources() throws -> String {
        let files = FileManager.default.enumerator(at: root.appending(path: "Tests"), includingPropertiesForKeys: nil)
        var sources = ""
        while let file = files?.nextObject() as? URL {
            if file.pathExtension == "swift" { sources += try String(contentsOf: file, encoding: .utf8) }
        }
        return sources
    }
}
