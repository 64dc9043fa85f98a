internal import ArgumentParser
internal import Glibc

/// `<name>.err` in the daemon's storage directory, in which `cfy-agent daemons start` looks for the reason why an agent does not answer.
struct StartupErrorFile {
    let directory: String
    let agentName: String

    /// Writes the error in the form of the Python worker's file. What cannot be written is left: the error is reported anyway.
    func write(_ error: any Error) {
        guard !agentName.contains("/") else { return }
        unsafe mkdir(directory, 0o755)
        let descriptor = unsafe open(
            "\(directory)/\(agentName).err", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let reason = (error as? CommandFailure)?.message ?? "\(error)"
        let text = Array("Type: \(type(of: error))\nValue: \(reason)\n".utf8)
        _ = unsafe text.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
