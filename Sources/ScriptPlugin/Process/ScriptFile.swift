import AgentExecutors
import Glibc
import OperationProcesses

/// The file that a script is run from.
enum ScriptFile {
    /// `F_SETLEASE`, which Glibc shows to GNU sources only.
    private static let setLease: Int32 = 1024

    /// Makes a file of the given content.
    ///
    /// - Throws: ``ScriptFileError``.
    static func write(_ content: [UInt8], to path: String) throws(ScriptFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ScriptFileError("cannot write \(path)", errno) }
        defer { close(descriptor) }
        try write(content, to: descriptor, path)
    }

    /// Makes a file of another's content.
    ///
    /// - Throws: ``ScriptFileError``.
    static func copy(_ source: String, to path: String) throws(ScriptFileError) {
        let input = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard input >= 0 else { throw ScriptFileError("cannot read \(source)", errno) }
        defer { close(input) }
        var information = stat()
        guard fstat(input, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw ScriptFileError("cannot read \(source): it is not a file")
        }
        let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw ScriptFileError("cannot write \(path)", errno) }
        defer { close(output) }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
            guard count >= 0 || errno == EINTR else { throw ScriptFileError("cannot read \(source)", errno) }
            if count == 0 { return }
            if count > 0 { try write(Array(chunk.prefix(count)), to: output, path) }
        }
    }

    /// Lets its owner run the file, and waits until it can be run.
    ///
    /// A process that is started at this moment by another operation has, until it turns into its program, this process's descriptors: with
    /// the one that the file was written through, nobody can run the file ("Text file busy"). A read lease is granted when there is none left.
    ///
    /// - Throws: ``ScriptFileError``.
    static func makeExecutable(_ path: String) async throws {
        guard chmod(path, 0o700) == 0 else { throw ScriptFileError("cannot make \(path) executable", errno) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ScriptFileError("cannot read \(path)", errno) }
        defer { close(descriptor) }
        for _ in 0..<1000 {
            if fcntl(descriptor, setLease, Int32(F_RDLCK)) == 0 {
                _ = fcntl(descriptor, setLease, Int32(F_UNLCK))
                return
            }
            // Not every file system knows leases, and not every user may have one.
            guard errno == EAGAIN else { return }
            await ProcessThreads.timers.sleep(for: .milliseconds(1))
            try Task.checkCancellation()
        }
    }

    private static func write(_ content: [UInt8], to descriptor: Int32, _ path: String) throws(ScriptFileError) {
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 || errno == EINTR else { throw ScriptFileError("cannot write \(path)", errno) }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
