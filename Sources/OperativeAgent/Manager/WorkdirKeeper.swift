internal import AgentExecutors
internal import Glibc
internal import Operative

/// Lets one task at a time work on a deployment's local directory and its index, in this process and among all processes that share it.
final class WorkdirKeeper: Sendable {
    private static let pause = Duration.milliseconds(20)

    private let turns = AsyncTurns()
    /// Reading and writing directories takes as long as the disk does.
    private let threads = ThreadPool(name: "op-workdir", limit: 2)

    /// Runs `body` while nobody else has the directory.
    func withDirectory<Result: Sendable>(
        _ directory: String, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(threads) {
            try await turns.withTurn(directory) {
                try Task.checkCancellation()
                let file = try await Self.lockFile(of: directory)
                defer { close(file) }
                return try await body()
            }
        }
    }

    /// Locks the directory against other processes. Closing the file ends that, as does the end of the process.
    private static func lockFile(of directory: String) async throws -> Int32 {
        let parent = LocalFiles.directory(of: directory)
        try LocalFiles.makeDirectory(parent)
        let path = "\(parent)/.\(directory.dropFirst(parent.count + 1)).lock"
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw LocalFiles.Failure("cannot open \(path)") }
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            do {
                guard number == EWOULDBLOCK else { throw LocalFiles.Failure("cannot lock \(path)", number) }
                try await Task.sleep(for: pause)
            } catch {
                close(file)
                throw error
            }
        }
        return file
    }
}
