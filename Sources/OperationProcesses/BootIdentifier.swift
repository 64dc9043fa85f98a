internal import Glibc

/// Names the machine's present start.
package enum BootIdentifier {
    /// `/proc/sys/kernel/random/boot_id`; empty where that cannot be read.
    package static let current: String = {
        let descriptor = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return "" }
        return String(decoding: bytes[..<count].prefix { $0 > 32 }, as: UTF8.self)
    }()
}
