internal import AgentExecutors
internal import Glibc
package import Operative

/// Asks an agent on this machine. Blocks, at most for its patience.
package struct AdminClient: Sendable {
    private let directory: String
    private let patience: Duration

    /// - Parameters:
    ///   - directory: the agent's state directory.
    ///   - patience: how long an answer may take.
    package init(directory: String, patience: Duration = .seconds(35)) {
        self.directory = directory
        self.patience = patience
    }

    /// Sends a request and waits for its answer.
    package func ask(_ request: AdminRequest) throws(AdminError) -> PropertyValue {
        let descriptor = try connect()
        defer { close(descriptor) }
        let deadline = MonotonicInstant.now.advanced(by: patience)
        do throws(Errno) {
            var rest = request.line[...]
            while !rest.isEmpty { rest = rest.dropFirst(try UnixSocket.send(rest, to: descriptor)) }
        } catch {
            // A server that refuses says why and hangs up: the reason can still be read.
            guard error.number == EPIPE || error.number == ECONNRESET else { throw broken(error) }
        }
        var answer: [UInt8] = []
        while true {
            let bytes: [UInt8]
            do throws(Errno) {
                bytes = try UnixSocket.receive(from: descriptor, limit: 65_536)
            } catch {
                if error.number == EINTR { continue }
                throw broken(error)
            }
            guard !bytes.isEmpty else { throw AdminError(.broken, "the agent ended the connection") }
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
            answer += bytes[..<(end ?? bytes.endIndex)]
            if end != nil { break }
            guard answer.count <= AdminProtocol.answerLimit, MonotonicInstant.now < deadline else {
                throw AdminError(.broken, "the agent's answer does not end")
            }
        }
        return try AdminAnswer(line: answer[...]).get()
    }

    private func connect() throws(AdminError) -> Int32 {
        do throws(Errno) {
            return try UnixSocket.connect(in: directory, name: AdminProtocol.socketName, patience: patience)
        } catch {
            switch error.number {
            case ENOENT, ECONNREFUSED, ENOTDIR:
                throw AdminError(.noAgent, "no agent runs with the state directory \(directory)")
            case EACCES, EPERM:
                throw AdminError(
                    .notPermitted, "\(directory) belongs to another user: run this as the agent's user or as root")
            case EAGAIN:
                throw AdminError(.busy, "the agent of \(directory) takes no more connections at the moment")
            default:
                throw AdminError(.broken, "cannot reach the agent of \(directory): \(error)")
            }
        }
    }

    private func broken(_ error: Errno) -> AdminError {
        error.isTransient
            ? AdminError(.busy, "the agent did not answer within \(patience)")
            : AdminError(.broken, "the connection to the agent broke: \(error)")
    }
}
