package import Glibc

/// A user of this machine.
package struct Account: Sendable, Hashable {
    package let user: uid_t
    package let group: gid_t

    /// The user this process works for.
    static var own: Account { Account(user: geteuid(), group: getegid()) }

    /// Whom processes run as that are to run as `name`; nil when that is the agent's own user.
    ///
    /// - Parameter name: see ``init(named:)``; nil for the agent's own.
    /// - Throws: ``CtxServiceError`` when nobody has that name.
    package static func other(_ name: String?) throws(CtxServiceError) -> Account? {
        guard let name else { return nil }
        let account = try Account(named: name)
        return account.user == own.user ? nil : account
    }

    private init(user: uid_t, group: gid_t) {
        self.user = user
        self.group = group
    }

    /// Looks a user up by name, or takes a number.
    init(named name: String) throws(CtxServiceError) {
        var entry = unsafe passwd()
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        var found: UnsafeMutablePointer<passwd>?
        if unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil {
            unsafe self.init(user: entry.pw_uid, group: entry.pw_gid)
        } else if let number = uid_t(name), unsafe getpwuid_r(number, &entry, &buffer, buffer.count, &found) == 0,
            unsafe found != nil
        {
            unsafe self.init(user: number, group: entry.pw_gid)
        } else {
            throw CtxServiceError("there is no user '\(name)' for the operation's processes")
        }
    }
}
