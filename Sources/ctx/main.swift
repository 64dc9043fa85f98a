internal import CtxClient
internal import Glibc

let outcome = CtxProgram.run(Array(CommandLine.arguments.dropFirst())) { name in
    unsafe getenv(name).map { unsafe String(cString: $0) }
}

func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
            rest = rest.dropFirst(count)
        } else if errno != EINTR {
            return false
        }
    }
    return true
}

_ = write(Array(outcome.complaint.utf8), to: STDERR_FILENO)
guard write(outcome.output, to: STDOUT_FILENO) else {
    _ = write(Array("ctx: the answer could not be printed\n".utf8), to: STDERR_FILENO)
    exit(1)
}
exit(outcome.status)
