import AgentConfiguration
import Foundation
import Testing

/// Run with OPERATIVE_UPDATE_DOCUMENTS=1 to write the generated parts anew.
@Suite("The table of settings, the shipped file and the documentation agree", .serialized)
struct SettingsDocumentTests {
    private static let updates = ProcessInfo.processInfo.environment["OPERATIVE_UPDATE_DOCUMENTS"] == "1"
    private static let yamlPath = packageRoot + "/config/operative.yaml"
    private static let guidePath = packageRoot + "/docs/configuration.md"
    private static let markers = ("<!-- settings: begin -->\n", "<!-- settings: end -->")

    @Test("The shipped file is the one made from the table")
    func shippedFile() throws {
        if Self.updates { try SettingsDocument.yaml().write(toFile: Self.yamlPath, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOfFile: Self.yamlPath, encoding: .utf8) == SettingsDocument.yaml())
    }

    @Test("The reference in the guide is the one made from the table")
    func guide() throws {
        var guide = try String(contentsOfFile: Self.guidePath, encoding: .utf8)
        let begin = try #require(guide.range(of: Self.markers.0)).upperBound
        let end = try #require(guide.range(of: Self.markers.1)).lowerBound
        if Self.updates {
            guide.replaceSubrange(begin..<end, with: SettingsDocument.markdown())
            try guide.write(toFile: Self.guidePath, atomically: true, encoding: .utf8)
        } else {
            #expect(String(guide[begin..<end]) == SettingsDocument.markdown())
        }
    }

    @Test("The reader reads every setting of the table, and nothing else")
    func readerIsComplete() throws {
        let configuration = try AgentConfiguration.load(file: nil, environment: [:], overrides: [:])
        #expect(configuration.effectiveSettings.map(\.key) == Setting.all.map(\.key))
    }

    @Test("The shipped file changes no default: every value in it is the one in force without it")
    func shippedFileKeepsDefaults() throws {
        let without = try AgentConfiguration.load(file: nil, environment: [:], overrides: [:])
        let with = try AgentConfiguration.load(file: Self.yamlPath, environment: [:], overrides: [:])
        #expect(with.effectiveSettings.map(\.value) == without.effectiveSettings.map(\.value))
        let given = with.effectiveSettings.filter { $0.source != .fallback }.map(\.key)
        let expected = Setting.all.filter {
            if case .value = $0.fallback { !$0.isSecret } else { false }
        }
        #expect(given == expected.map(\.key))
    }

    @Test("File, guide and help text mention every setting, its default and its variable", arguments: Setting.all)
    func everySettingEverywhere(setting: Setting) throws {
        let yaml = try String(contentsOfFile: Self.yamlPath, encoding: .utf8)
        let guide = try String(contentsOfFile: Self.guidePath, encoding: .utf8)
        let last = try #require(setting.key.split(separator: ".").last)
        #expect(yaml.split(separator: "\n").contains { $0.drop { " #".contains($0) }.hasPrefix("\(last):") })
        #expect(yaml.contains("Environment: \(setting.environmentVariable)\n"))
        #expect(guide.contains("### `\(setting.key)`"))
        #expect(guide.contains("`\(setting.environmentVariable)`"))
        #expect(SettingsDocument.help().contains("  \(setting.key)  <"))
    }

    @Test("Every setting is described, and refers only to settings that exist", arguments: Setting.all)
    func described(setting: Setting) {
        #expect(setting.summary.hasSuffix("."))
        #expect(Set(setting.seeAlso).isSubset(of: Setting.all.map(\.key)))
        #expect(!setting.seeAlso.contains(setting.key))
    }
}
