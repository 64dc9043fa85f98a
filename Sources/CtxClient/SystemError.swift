internal import Glibc

/// What the system says is wrong.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// What `errno` says about an attempt.
    static func current(_ attempt: String) -> SystemError {
        unsafe SystemError("\(attempt): \(String(cString: strerror(errno)))")
    }
}
