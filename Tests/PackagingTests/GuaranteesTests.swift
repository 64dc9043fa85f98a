import Foundation
import Testing

@Suite("Guarantees")
struct GuaranteesTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("Every test that docs/guarantees.md names exists")
    func namesExist() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/guarantees.md"), encoding: .utf8)
        let files = FileManager.default.enumerator(
            at: Self.root.appending(path: "Tests"), includingPropertiesForKeys: nil)
        var sources = ""
        while let file = files?.nextObject() as? URL {
            if file.pathExtension == "swift" { sources += try String(contentsOf: file, encoding: .utf8) }
        }
        // Each entry reads: - *suite* / *test*
        let entries = page.matches(of: /\n- \*([^*]+)\* \/ \*([^*]+)\*/)
        #expect(entries.count > 50)
        for entry in entries {
            let name = entry.output.2.replacing("\n  ", with: " ").replacing("\"", with: "\\\"")
            #expect(sources.contains("\"\(name)\""), "no test is called: \(name)")
        }
    }
}
