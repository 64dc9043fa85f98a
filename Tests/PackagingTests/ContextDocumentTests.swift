import Foundation
import Testing

@Suite("The table of names")
struct ContextDocumentTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("Every row of docs/ctx.md names a test that exists")
    func rowsHaveTests() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/ctx.md"), encoding: .utf8)
        let tests = try #require(
            FileManager.default.enumerator(at: Self.root.appending(path: "Tests"), includingPropertiesForKeys: nil))
        var sources = ""
        for case let file as URL in tests where file.pathExtension == "swift" {
            sources += try String(contentsOf: file, encoding: .utf8)
        }
        let rows = page.split(separator: "\n").filter {
            $0.hasPrefix("|") && $0.contains("`ctx.") && $0.hasSuffix("* |")
        }
        #expect(rows.count > 45)
        for row in rows {
            let name = try #require(row.split(separator: "*").dropLast().last)
            #expect(
                sources.contains("@Test(\"\(name)\"") || sources.contains("\"\(name)\","), "no test is called: \(name)")
        }
    }
}
