internal import AgentSabotage
import Glibc

/// Files that only their owner may read.
enum PrivateFile {
    static let temporarySuffix = ".tmp"

    /// A file in a directory.
    struct Listed {
        let name: String
        let size: Int
    }

    /// Writes a file with mode 0600: whole or not at all, and on the disk when this returns. Its directory entry is on the
    /// disk after ``synchronize(directory:)``.
    static func write(_ bytes: [UInt8], to path: String) throws(JournalError) {
        let temporary = path + temporarySuffix
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe open(temporary, flags, Sabotage.isOn(.readableFiles) ? 0o644 : 0o600)
        guard descriptor >= 0 else { throw JournalError.system("cannot write \(temporary)") }
        do throws(JournalError) {
            try writeAll(bytes, to: descriptor, path: temporary)
            guard fsync(descriptor) == 0 else { throw JournalError.system("cannot write \(temporary)") }
            guard unsafe rename(temporary, path) == 0 else { throw JournalError.system("cannot rename \(temporary)") }
        } catch {
            close(descriptor)
            remove(temporary)
            throw error
        }
        close(descriptor)
    }

    /// Writes the entries of a directory to the disk.
    static func synchronize(directory path: String) throws(JournalError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw JournalError.system("cannot open directory \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw JournalError.system("cannot write directory \(path)") }
    }

    /// Removes a file; one that is not there is fine.
    static func remove(_ path: String) {
        unsafe unlink(path)
    }

    /// The ordinary files of a directory, in no order.
    static func list(_ path: String) throws(JournalError) -> [Listed] {
        guard let directory = unsafe opendir(path) else { throw JournalError.system("cannot list \(path)") }
        defer { unsafe closedir(directory) }
        var files: [Listed] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var status = stat()
            guard unsafe lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            files.append(Listed(name: name, size: Int(status.st_size)))
        }
        return files
    }

    /// The bytes of a file; nil when it cannot be read or is longer than `limit`.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count = unsafe part.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes += part.prefix(count)
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                return nil
            }
        }
        return nil
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(JournalError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw JournalError.system("cannot write \(path)")
            }
        }
    }

    /// Makes an empty file with mode 0600 when there is none, and closes an existing one to others.
    ///
    /// SQLite gives its log and shared memory files the mode of the database file, so one file decides for all.
    static func make(_ path: String) throws(JournalError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JournalError.system("cannot open \(path)") }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw JournalError.system("cannot set the mode of \(path)") }
    }
}
