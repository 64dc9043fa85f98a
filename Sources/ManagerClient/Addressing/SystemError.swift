import Glibc

/// What the system says about the call that failed last on this thread.
enum SystemError {
    static var current: String { text(errno) }

    static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
}
