import Foundation
import Journal
import Testing

@Suite("State directory")
struct StateDirectoryTests {
    let place: StatePlace

    init() throws {
        place = try StatePlace()
    }

    @Test("It is made with the directories above it and closed to others; the database in it too")
    func made() throws {
        let directory = try StateDirectory(path: place.path + "/a/b/state")
        #expect(directory.wasCreated)
        #expect(try place.mode(of: "a/b/state") == 0o700)
        _ = try StateDatabase.open(in: directory)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            #expect(try place.mode(of: "a/b/state/\(name)") == 0o600, "\(name)")
        }
    }

    /// Opens a directory that was let go. A process that another test starts has its lock, too, until it runs its own program.
    private func released(_ path: String) throws -> StateDirectory {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let directory = try? StateDirectory(path: path) { return directory }
            usleep(1_000)
        }
        return try StateDirectory(path: path)
    }

    @Test("One that stands open is closed, and counts as new until an agent has used it")
    func existing() throws {
        let path = place.path + "/state"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        do {
            #expect(try StateDirectory(path: path).wasCreated)
        }
        #expect(try place.mode(of: "state") == 0o700)
        #expect(try !released(path).wasCreated)
    }

    @Test("A second agent is refused and told who holds it, until the first one is gone")
    func locked() throws {
        let path = place.path + "/state"
        var first: StateDirectory? = try StateDirectory(path: path)
        let error = #expect(throws: JournalError.self) { try StateDirectory(path: path) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
        #expect(error?.message.contains("\n") == false)
        #expect(first?.path == path)
        first = nil
        _ = try released(path)
    }

    @Test("The lock of an agent that is gone is waited for: what it was about to start may still have it")
    func lockOfTheDead() throws {
        let path = place.path + "/state"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let descriptor = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        // No process has this number: it is beyond the largest.
        try "4194305\n".write(toFile: "\(path)/lock", atomically: false, encoding: .utf8)
        try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        Thread.detachNewThread {
            usleep(200_000)
            _ = flock(descriptor, LOCK_UN)
        }
        #expect(throws: Never.self) { try StateDirectory(path: path) }
    }

    @Test("What cannot be a directory is refused with the system's reason")
    func refused() throws {
        try "".write(toFile: place.path + "/file", atomically: false, encoding: .utf8)
        for path in [place.path + "/file", place.path + "/file/below", "/proc/nowhere/state"] {
            let error = #expect(throws: JournalError.self) { try StateDirectory(path: path) }
            #expect(error?.code == .system)
        }
    }
}
