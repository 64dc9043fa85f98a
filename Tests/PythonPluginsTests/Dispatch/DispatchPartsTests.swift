import Foundation
import Operative
import Testing

@testable import PythonPlugins

@Suite("Parts of dispatching")
struct DispatchPartsTests {
    @Test("Versions of cloudify-common are compared by number")
    func versions() throws {
        let seven = try #require(CommonVersion("7.0.5"))
        #expect(try #require(CommonVersion("6.2.0.dev1")) == CommonVersion.agentKeepsRecord)
        #expect(try #require(CommonVersion("6.10")) > CommonVersion.agentKeepsRecord)
        #expect(try #require(CommonVersion("6.1.9")) < CommonVersion.agentKeepsRecord)
        #expect(seven > CommonVersion.agentKeepsRecord && seven.description == "7.0.5")
        #expect(CommonVersion("dev") == nil && CommonVersion("") == nil)
    }

    @Test("The setting names the interpreter: a name stays one, a path becomes one from the root")
    func interpreter() {
        let directory = FileManager.default.currentDirectoryPath
        for (setting, found) in [
            ("python3.11", "python3.11"), ("/opt/python", "/opt/python"),
            ("env/bin/python", "\(directory)/env/bin/python"),
            ("./env/../python", "\(directory)/python"),
        ] {
            #expect(PythonInterpreter.find(setting: setting, environment: [:]) == found)
        }
    }

    @Test(
        "A task's name becomes part of a directory's name and nothing else",
        arguments: [
            ("specplugin.ops.none", "specplugin.none"), ("one", "one.one"), ("../../etc/x", "._etc_x"), ("", "."),
            ("a.b\n/c", "a.b__c"),
        ])
    func labels(_ name: String, _ label: String) {
        #expect(DispatchDirectory.label(of: name) == label)
    }

    @Test("A directory is removed with what a process has put into it; links are not followed")
    func removal() throws {
        let place = NSTemporaryDirectory() + "dispatch-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: place + "/kept", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        try "x".write(toFile: place + "/kept/file", atomically: false, encoding: .utf8)
        let directory = try DispatchDirectory(for: "a.b", in: place, input: Array("{}".utf8), user: nil)
        try FileManager.default.createDirectory(atPath: directory.path + "/sub/dir", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/sub/link", withDestinationPath: place + "/kept")
        directory.remove()
        #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["kept"])
        #expect(FileManager.default.fileExists(atPath: place + "/kept/file"))
    }

    @Test("An output that is a link or no file is not read")
    func hostileOutput() throws {
        let place = NSTemporaryDirectory() + "dispatch-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        let directory = try DispatchDirectory(for: "a.b", in: place, input: Array("{}".utf8), user: nil)
        #expect(try directory.output() == nil)
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/output.json", withDestinationPath: directory.path + "/input.json")
        #expect(throws: (any Error).self) { try directory.output() }
        try FileManager.default.removeItem(atPath: directory.path + "/output.json")
        try FileManager.default.createDirectory(
            atPath: directory.path + "/output.json", withIntermediateDirectories: false)
        #expect(throws: NonRecoverableError.self) { try directory.output() }
    }

    @Test("JSON in ASCII is the same JSON")
    func ascii() throws {
        let json = Array(#"{"ü":"日本 😀"}"#.utf8)
        let escaped = ASCIIText.of(json)
        #expect(escaped.allSatisfy { $0 < 0x80 })
        #expect(try PropertyValue(json: escaped) == PropertyValue(json: json))
    }
}
