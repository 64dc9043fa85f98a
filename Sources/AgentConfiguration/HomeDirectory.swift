import Glibc

/// Where the users of this machine are at home.
enum HomeDirectory {
    /// The home of a user, or of the one that this process runs as; nil when the system knows none.
    static func path(ofUser user: String?) -> String? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let result =
            if let user {
                unsafe getpwnam_r(user, &entry, &buffer, buffer.count, &found)
            } else {
                unsafe getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found)
            }
        guard result == 0, unsafe found != nil, let home = unsafe entry.pw_dir else { return nil }
        let path = unsafe String(cString: home)
        return path.isEmpty ? nil : path
    }
}
