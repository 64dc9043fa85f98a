/// Names the machine's present start.
package enum BootIdentifier {
    /// `/proc/sys/kernel/random/boot_id`; empty where that cannot be read.
    package static let current: String = {
        let text = String(decoding: FileContents.read("/proc/sys/kernel/random/boot_id") ?? [], as: UTF8.self)
        return String(text.prefix { !$0.isWhitespace })
    }()
}
