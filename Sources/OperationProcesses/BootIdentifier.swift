/// Names the present start of the machine, or of the container that this process runs in.
package enum BootIdentifier {
    /// `/proc/sys/kernel/random/boot_id` with the start time of process 1; empty where the former cannot be read.
    ///
    /// A container that is started anew has the machine's identifier still, and its numbers of processes begin again.
    package static let current: String = {
        let text = String(decoding: FileContents.read("/proc/sys/kernel/random/boot_id") ?? [], as: UTF8.self)
        let machine = String(text.prefix { !$0.isWhitespace })
        guard !machine.isEmpty, let first = ProcessSnapshot(pid: 1) else { return machine }
        return "\(machine).\(first.startTime)"
    }()
}
