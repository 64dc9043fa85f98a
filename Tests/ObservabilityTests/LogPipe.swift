import Foundation
import Observability

/// A pipe whose written lines can be read back.
final class LogPipe: Sendable {
    private let pipe = Pipe()

    var output: LogOutput { LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor) }

    /// Closes the writing end and returns everything written.
    func finish() throws -> [String] {
        try pipe.fileHandleForWriting.close()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }
}
