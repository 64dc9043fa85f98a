internal import Glibc
internal import Operative

/// A user of this machine.
struct LocalUser: Sendable, Hashable {
    let name: String
    let id: UInt32
    let group: UInt32

    /// - Throws: ``NonRecoverableError`` when nobody has that name.
    init(_ name: String) throws {
        var record = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let result = unsafe getpwnam_r(name, &record, &buffer, buffer.count, &found)
        guard result == 0, unsafe found != nil else {
            throw NonRecoverableError("This machine has no user '\(name)': see operation.user.")
        }
        self.name = name
        id = unsafe record.pw_uid
        group = unsafe record.pw_gid
    }
}
