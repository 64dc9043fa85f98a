internal import Glibc

/// A number by which the system says what is wrong.
struct Errno: Error, Hashable, CustomStringConvertible {
    let number: Int32

    static var current: Errno { Errno(number: errno) }

    /// The system's own words.
    var description: String { unsafe String(cString: strerror(number)) }

    /// Trying again later is all there is to do.
    var isTransient: Bool { [EAGAIN, EWOULDBLOCK, EINTR].contains(number) }
    /// The process or the machine has no more descriptors or memory.
    var isShortage: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(number) }
}
