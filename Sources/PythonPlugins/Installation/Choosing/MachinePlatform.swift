internal import Glibc

/// What kind of machine this is, in the words of Python's tools.
package struct MachinePlatform: Sendable, Hashable {
    /// Such as `Linux`.
    package let system: String
    /// Such as `x86_64`.
    package let architecture: String

    /// A machine of this kind.
    package init(system: String, architecture: String) {
        self.system = system
        self.architecture = architecture
    }

    /// This machine.
    package static let current: MachinePlatform = {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return MachinePlatform(system: "Linux", architecture: "") }
        func text(_ bytes: UnsafeRawBufferPointer) -> String {
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return unsafe MachinePlatform(
            system: withUnsafeBytes(of: &names.sysname) { unsafe text($0) },
            architecture: withUnsafeBytes(of: &names.machine) { unsafe text($0) })
    }()

    /// Whether a wagon for a platform, such as `any` or `manylinux_2_17_x86_64`, is meant for this machine.
    package func supports(_ platform: String?) -> Bool {
        guard let platform, !platform.isEmpty else { return false }
        return platform == "any" || platform.hasPrefix("manylinux")
            || platform == "\(system.lowercased())_\(architecture)"
    }
}
