import Glibc
import Operative

/// A script's file cannot be read, written or made executable. Another attempt may be luckier.
struct ScriptFileError: Recoverable, CustomStringConvertible {
    let description: String

    init(_ message: String) { description = message }

    /// - Parameter code: an `errno`.
    init(_ message: String, _ code: Int32) { self.init("\(message): \(String(cString: strerror(code)))") }
}
