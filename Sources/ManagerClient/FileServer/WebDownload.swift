internal import AsyncHTTPClient
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Fetches small files from any server of the web; managers have a client of their own.
package struct WebDownload: Sendable {
    /// Why there is no answer, in one line.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The largest file, in bytes.
    private let limit: Int
    /// How long the whole of it may take.
    private let deadline: Duration

    package init(limit: Int = 64 << 20, deadline: Duration = .seconds(600)) {
        self.limit = limit
        self.deadline = deadline
    }

    /// Requests `url`, follows redirections, and makes a new file of the answer's content when its status is 200.
    ///
    /// - Parameter certificateAuthority: PEM text of whom a server must be certified by; nil for the authorities of the system.
    /// - Returns: the status.
    /// - Throws: ``Failure``.
    @concurrent
    package func download(_ url: String, to file: String, certificateAuthority: String?) async throws -> Int {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .follow(max: 30, allowCycles: false),
            timeout: .init(connect: .seconds(30), read: .seconds(60)))
        configuration.tlsConfiguration = .makeClientConfiguration()
        if let certificateAuthority {
            do {
                configuration.tlsConfiguration?.trustRoots = .certificates(
                    try NIOSSLCertificate.fromPEMBytes(Array(certificateAuthority.utf8)))
            } catch {
                throw Failure(description: "ssl_cert_content cannot be read: it must be PEM text")
            }
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<Int, any Error>
        do {
            result = .success(try await fetch(url, to: file, client))
        } catch {
            result = .failure(Self.failure(error, url))
        }
        try? await client.shutdown()
        return try result.get()
    }

    private func fetch(_ url: String, to file: String, _ client: HTTPClient) async throws -> Int {
        let response = try await client.execute(
            HTTPClientRequest(url: url), deadline: .now() + TimeAmount(deadline))
        guard response.status == .ok else { return Int(response.status.code) }
        let body = try await response.body.collect(upTo: limit)
        try Self.write(body.readableBytesView, to: file)
        return 200
    }

    private static func write(_ bytes: ByteBufferView, to file: String) throws(Failure) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(description: "cannot write \(file) (\(SystemError.current))") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 || errno == EINTR else {
                throw Failure(description: "cannot write \(file) (\(SystemError.current))")
            }
            rest = rest.dropFirst(max(count, 0))
        }
    }

    private static func failure(_ error: any Error, _ url: String) -> any Error {
        if error is Failure || error is CancellationError { return error }
        return Failure(description: "Failed downloading \(url): \(error)")
    }
}
