import Glibc
internal import NIOCore

/// The body of an upload: a form with a file, read as it is sent, and the file's time (Cloudify agent protocol, 6.6).
struct FileUpload: Sendable, AsyncSequence {
    typealias Element = ByteBuffer

    let boundary: String
    /// The whole body, in bytes.
    let length: Int
    private let path: String
    private let size: Int
    private let head: String
    private let tail: String

    /// - Parameters:
    ///   - path: The file.
    ///   - name: Its name in the form.
    ///   - modified: Its time as text.
    init(path: String, name: String, modified: String, request: String) throws(ManagerError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let reason = descriptor >= 0 ? "it is no file" : SystemError.current
            if descriptor >= 0 { close(descriptor) }
            throw ManagerError(.localFile, message: "cannot read \(path) (\(reason))", request: request)
        }
        close(descriptor)
        self.path = path
        size = Int(status.st_size)
        boundary = (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 16) }.joined()
        head = """
            --\(boundary)\r
            Content-Disposition: form-data; name="file"; filename="\(Self.quoted(name))"\r
            \r

            """
        tail = """
            \r
            --\(boundary)\r
            Content-Disposition: form-data; name="mtime"\r
            \r
            \(modified)\r
            --\(boundary)--\r

            """
        length = head.utf8.count + size + tail.utf8.count
    }

    func makeAsyncIterator() -> Iterator { Iterator(upload: self) }

    /// A name within quotes, as browsers write it.
    private static func quoted(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": result += "%22"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Reads the parts of the body, one after the other.
    final class Iterator: AsyncIteratorProtocol {
        private enum Part {
            case head, file, end
        }

        private let upload: FileUpload
        private var part = Part.head
        private var descriptor: Int32 = -1
        private var rest: Int

        init(upload: FileUpload) {
            self.upload = upload
            rest = upload.size
        }

        deinit {
            if descriptor >= 0 { close(descriptor) }
        }

        func next() async throws -> ByteBuffer? {
            switch part {
            case .head:
                descriptor = open(upload.path, O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else { throw unreadable(SystemError.current) }
                part = .file
                return ByteBuffer(string: upload.head)
            case .file where rest > 0: return try chunk()
            case .file:
                part = .end
                return ByteBuffer(string: upload.tail)
            case .end: return nil
            }
        }

        /// What the file had when the upload began; what was appended since is not sent.
        private func chunk() throws -> ByteBuffer {
            var buffer = ByteBuffer()
            let wanted = Swift.min(rest, 64 << 10)
            var count = -1
            repeat {
                buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
                    count = read(descriptor, space.baseAddress, wanted)
                    return Swift.max(0, count)
                }
            } while count < 0 && errno == EINTR
            guard count > 0 else { throw unreadable(count == 0 ? "it became shorter meanwhile" : SystemError.current) }
            rest -= count
            return buffer
        }

        private func unreadable(_ reason: String) -> ManagerError {
            ManagerError(.localFile, message: "cannot read \(upload.path) (\(reason))", request: "upload")
        }
    }
}
