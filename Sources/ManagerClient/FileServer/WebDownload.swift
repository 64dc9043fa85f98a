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

    /// Where proxies and authorities are named.
    private let environment: [String: String]

    /// - Parameter environment: that of the agent: as with Python's `requests`, `http_proxy` and those like it name a proxy,
    ///   `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE` a file of authorities in the place of the system's.
    package init(environment: [String: String] = [:], limit: Int = 64 << 20, deadline: Duration = .seconds(600)) {
        self.environment = environment
        self.limit = limit
        self.deadline = deadline
    }

    /// Requests `url`, follows redirections, and makes a new file of the answer's content when its status is 200.
    ///
    /// - Parameter certificateAuthority: PEM text of whom a server must be certified by; nil for those that the environment names, or the system's.
    /// - Returns: the status.
    /// - Throws: ``Failure``; `CancellationError` when the task was cancelled.
    @concurrent
    package func download(_ url: String, to file: String, certificateAuthority: String?) async throws -> Int {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .follow(max: 30, allowCycles: false),
            timeout: .init(connect: .seconds(30), read: .seconds(60)))
        configuration.tlsConfiguration = .makeClientConfiguration()
        // A certificate that is refused would otherwise be looked at again and again, for half a minute.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let certificateAuthority {
            do {
                configuration.tlsConfiguration?.trustRoots = .certificates(
                    try NIOSSLCertificate.fromPEMBytes(Array(certificateAuthority.utf8)))
            } catch {
                throw Failure(description: "ssl_cert_content cannot be read: it must be PEM text")
            }
        } else if let bundle = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"].compactMap({ environment[$0] }).first(where: {
            !$0.isEmpty
        }) {
            configuration.tlsConfiguration?.trustRoots = .file(bundle)
        }
        if let proxy = WebProxy(for: url, environment: environment) {
            let authorization = proxy.user.map {
                HTTPClient.Authorization.basic(username: $0, password: proxy.password ?? "")
            }
            configuration.proxy = .server(host: proxy.host, port: proxy.port, authorization: authorization)
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<Int, any Error>
        do {
            result = .success(try await inTime(url) { try await fetch(url, to: file, client) })
        } catch {
            result = .failure(Task.isCancelled ? CancellationError() : error)
        }
        // It waits for a connection that is being made, which nobody wants any more.
        Task { try? await client.shutdown() }
        return try result.get()
    }

    /// The HTTP library's own deadline ends with the head of the answer.
    private func inTime(_ url: String, _ fetch: @escaping @Sendable () async throws -> Int) async throws -> Int {
        try await withThrowingTaskGroup(of: Int?.self) { [deadline] group in
            group.addTask { try await fetch() }
            group.addTask {
                try await Task.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            guard let status = try await group.next() ?? nil else {
                throw Failure(description: "Failed downloading \(url): it takes longer than \(deadline)")
            }
            return status
        }
    }

    private func fetch(_ url: String, to file: String, _ client: HTTPClient) async throws -> Int {
        var hasAnswer = false
        do {
            let response = try await client.execute(HTTPClientRequest(url: url), deadline: .distantFuture)
            hasAnswer = true
            guard response.status == .ok else { return Int(response.status.code) }
            let body = try await response.body.collect(upTo: limit)
            try Self.write(body.readableBytesView, to: file)
            return 200
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(description: "Failed downloading \(url): \(reason(error, hasAnswer: hasAnswer))")
        }
    }

    private static func write(_ bytes: ByteBufferView, to file: String) throws(Failure) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
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

    private func reason(_ error: any Error, hasAnswer: Bool) -> String {
        if error is NIOTooManyBytesError { return "it has more than \(limit) bytes" }
        if error as? HTTPClientError == .proxyAuthenticationRequired {
            return "the proxy wants to know who asks: write its address as http://USER:PASSWORD@HOST:PORT"
        }
        let failure = FailureReading.read(error, hasAnswer: hasAnswer, request: "", peer: "the server")
        guard case .untrusted(let text) = failure else { return failure.text }
        // OpenSSL's own name of the reason; what stands around it is about its sources.
        let code = text.split { !($0.isUppercase || $0 == "_") }.first { $0.contains("CERTIFICATE") }
        return "the server's certificate is not to be trusted (\(code.map(String.init) ?? text)): see ssl_cert_content"
    }
}
