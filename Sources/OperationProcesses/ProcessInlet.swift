internal import Glibc

/// One pipe from a process, or the launcher's socket, while it is read.
struct ProcessInlet {
    enum Part {
        case bytes(ArraySlice<UInt8>)
        case nothingYet
        case end
    }

    static let portion = 65_536

    let descriptor: Int32
    let token: DescriptorWatch.Token
    var lines: LineSplitter

    /// Reads what is there, at most ``portion``.
    static func read(_ descriptor: Int32) -> Part {
        while true {
            var problem: Int32 = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: portion) { buffer, count in
                let got = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if got < 0 { problem = errno }
                count = max(0, got)
            }
            if problem == 0 { return bytes.isEmpty ? .end : .bytes(bytes[...]) }
            if problem == EAGAIN { return .nothingYet }
            if problem != EINTR { return .end }
        }
    }
}
