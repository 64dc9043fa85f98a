import Journal
import Testing

@Suite("Runtime properties on this machine")
struct LocalInstanceStoreTests {
    let place: StatePlace

    init() throws {
        place = try StatePlace()
    }

    private func open() throws -> (StateDirectory, LocalInstanceStore) {
        let directory = try StateDirectory(path: place.path + "/state")
        return (directory, LocalInstanceStore(try StateDatabase.open(in: directory)))
    }

    @Test("What is stored is loaded again, by deployment and instance")
    func roundTrip() throws {
        let (_, store) = try open()
        #expect(try store.load(deployment: "d", instance: "i") == nil)
        #expect(try store.store(deployment: "d", instance: "i", json: Array("{\"a\":1}".utf8), expectedVersion: 0) == 1)
        #expect(try store.store(deployment: "d", instance: "i", json: [], expectedVersion: 1) == 2)
        #expect(try store.store(deployment: "e", instance: "i", json: Array("{}".utf8), expectedVersion: 0) == 1)
        let loaded = try #require(try store.load(deployment: "d", instance: "i"))
        #expect(loaded.json.isEmpty)
        #expect(loaded.version == 2)
        #expect(try store.load(deployment: "d", instance: "j") == nil)
    }

    @Test("A change based on another version is refused and changes nothing", arguments: [0, 1, 3])
    func conflict(expectedVersion: Int) throws {
        let (_, store) = try open()
        try store.store(deployment: "d", instance: "i", json: [1], expectedVersion: 0)
        try store.store(deployment: "d", instance: "i", json: [2], expectedVersion: 1)
        let error = #expect(throws: JournalError.self) {
            try store.store(deployment: "d", instance: "i", json: [3], expectedVersion: expectedVersion)
        }
        #expect(error?.code == .versionConflict)
        #expect(error?.message.contains("at version 2, not \(expectedVersion)") == true)
        #expect(try store.load(deployment: "d", instance: "i")?.json == [2])
    }

    @Test("A version for something that was never stored is a conflict too")
    func conflictWithNothing() throws {
        let (_, store) = try open()
        #expect(throws: JournalError.self) {
            try store.store(deployment: "d", instance: "i", json: [1], expectedVersion: 1)
        }
        #expect(try store.load(deployment: "d", instance: "i") == nil)
    }

    @Test("Properties survive a restart")
    func restart() throws {
        do {
            let (_, store) = try open()
            try store.store(deployment: "d", instance: "i", json: [7], expectedVersion: 0)
        }
        let (directory, store) = try open()
        #expect(!directory.wasCreated)
        #expect(try store.load(deployment: "d", instance: "i")?.json == [7])
    }
}
