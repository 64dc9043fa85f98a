internal import Glibc

/// Text for people, on standard error.
enum StandardError {
    static func write(_ text: String) { FileDescriptorWriter.write(text, to: STDERR_FILENO) }
}

/// The results of a command, on standard output.
enum StandardOutput {
    static func write(_ text: String) { FileDescriptorWriter.write(text, to: STDOUT_FILENO) }
}

private enum FileDescriptorWriter {
    /// Writes all of the text at once where the system allows it; a reader that has gone away ends the writing.
    static func write(_ text: String, to descriptor: CInt) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
