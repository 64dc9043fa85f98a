import Operative
import Testing

@Suite("Operation registry")
struct OperationRegistryTests {
    struct Alpha: Plugin {
        static let name = "alpha"
        static let version = "1.0"
        var names = ["web.start", "web.stop", "web.restart"]
        var operations: [Operative.Operation] {
            for name in names { Operation(name) { _ in } }
        }
    }
    struct Beta: Plugin {
        static let name = "beta"
        static let version = "2.0"
        var names = ["db.start"]
        var operations: [Operative.Operation] {
            if names.isEmpty { Operation("none") { _ in } } else { names.map { Operation($0) { _ in } } }
        }
    }

    @Test("knows operations with their plugin, and names sorted")
    func lookup() throws {
        let registry = try OperationRegistry([Alpha(), Beta()])
        #expect(registry.names == ["db.start", "web.restart", "web.start", "web.stop"])
        let found = try #require(registry.operation(named: "db.start"))
        #expect(found.pluginName == "beta" && found.pluginVersion == "2.0" && found.operation.name == "db.start")
        #expect(registry.operation(named: "db.stop") == nil)
        #expect(registry.plugins.map(\.name) == ["alpha", "beta"])
        #expect(registry.plugins[0].operations.map(\.name) == ["web.start", "web.stop", "web.restart"])
    }

    @Test("refuses the same operation from two plugins, naming both")
    func duplicate() {
        let error = #expect(throws: OperationRegistryError.self) {
            try OperationRegistry([Alpha(), Beta(names: ["web.stop"])])
        }
        #expect(error?.code == .duplicateOperation)
        #expect(error?.message == "operation 'web.stop' is offered by the plugins 'alpha' and 'beta'; rename one")
    }

    @Test("refuses duplicates within a plugin, the same plugin twice and empty names")
    func refusals() {
        #expect(throws: OperationRegistryError.self) { try OperationRegistry([Beta(names: ["x", "x"])]) }
        let twice = #expect(throws: OperationRegistryError.self) { try OperationRegistry([Alpha(), Alpha(names: [])]) }
        #expect(twice?.code == .duplicatePlugin)
        let empty = #expect(throws: OperationRegistryError.self) { try OperationRegistry([Beta(names: [""])]) }
        #expect(empty?.code == .emptyOperationName)
    }

    @Test(
        "suggests what somebody may have meant",
        arguments: [
            ("web.strat", ["web.start", "web.restart"]), ("web.stopp", ["web.stop", "web.start"]),
            ("db_start", ["db.start"]),
            ("completely.different", []),
        ])
    func nearMatches(name: String, expected: [String]) throws {
        let found = try OperationRegistry([Alpha(), Beta()]).nearMatches(to: name)
        #expect(found.first == expected.first)
        #expect(found.count <= 3)
    }
}
