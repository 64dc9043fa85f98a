internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// One request to one host, once.
struct HTTPAttempt: Sendable {
    /// The deadline of a request that has none of its own.
    private static let longest = Duration.seconds(3600)
    /// How much of an error's explanation is read.
    private static let explanationLimit = 64 << 10

    let request: ManagerRequest
    let address: ManagerAddress
    let host: Int
    let credentials: ManagerCredentials
    let pool: ManagerPool
    let sink: ResponseSink

    /// Sends the request and takes in the answer.
    ///
    /// - Parameter limit: How long all of it may take; `nil` when only the pool's limits count.
    @concurrent
    func perform(within limit: Duration?) async -> Result<ManagerAnswer, AttemptFailure> {
        guard let limit else { return await exchange(within: nil) }
        guard limit > .zero else { return .failure(.timedOut("no time was left")) }
        // An answer that trickles in is under way for as long as its sender likes.
        return await withTaskGroup(of: Result<ManagerAnswer, AttemptFailure>?.self) { group in
            group.addTask { await exchange(within: limit) }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            // What has been answered meanwhile counts.
            if let second = await group.next() ?? nil, case .success = second { return second }
            return .failure(Task.isCancelled ? .final(cancelled) : .timedOut("no answer within \(limit)"))
        }
    }

    private var cancelled: ManagerError {
        ManagerError(.cancelled, message: "the request was cancelled", request: request.summary)
    }

    @concurrent
    private func exchange(within limit: Duration?) async -> Result<ManagerAnswer, AttemptFailure> {
        let isFile = request.service == .files
        let scheme = isFile ? address.fileServerScheme : address.scheme
        let key = scheme == .https ? address.certificateAuthority : []
        var hasAnswer = false
        do {
            guard scheme == .http || !key.isEmpty else {
                let message = "no certificate authority is known for the manager"
                throw ManagerError(.untrusted, message: message, request: request.summary)
            }
            let client = try pool.borrow(key, request: request.summary)
            defer { pool.giveBack(key) }
            let message = try httpRequest()
            let response = try await client.execute(message, deadline: .now() + TimeAmount(limit ?? Self.longest))
            hasAnswer = true
            return try await take(response)
        } catch {
            if Task.isCancelled { return .failure(.final(cancelled)) }
            return .failure(FailureReading.read(error, hasAnswer: hasAnswer, request: request.summary))
        }
    }

    private func httpRequest() throws -> HTTPClientRequest {
        var message = HTTPClientRequest(
            url: address.origin(host: host, ofFileServer: request.service == .files) + request.target)
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        for header in request.headers(credentials) {
            message.headers.add(name: header.name, value: header.value)
        }
        message.headers.add(name: "Accept", value: "*/*")
        message.headers.add(name: "User-Agent", value: "operative")
        switch request.body {
        case .none: break
        case .json(let bytes): message.body = .bytes(ByteBuffer(bytes: bytes))
        case .upload(let upload): message.body = .stream(upload, length: .known(Int64(upload.length)))
        }
        return message
    }

    @concurrent
    private func take(_ response: HTTPClientResponse) async throws -> Result<ManagerAnswer, AttemptFailure> {
        let status = Int(response.status.code)
        guard (200..<300).contains(status) else {
            let body = await explanation(response)
            return .failure(.answered(ManagerError(status: status, body: body, request: request.summary)))
        }
        let announced = response.headers.first(name: "Content-Length").flatMap { Int($0) }
        if let announced, announced > sink.limit { throw tooLarge(status) }
        let contentType = response.headers.first(name: "Content-Type")
        let answer: ManagerAnswer
        switch sink {
        case .memory(let limit):
            let end = ContinuousClock.now + pool.configuration.answerTimeout
            var body: [UInt8] = []
            body.reserveCapacity(min(announced ?? 0, 1 << 20))
            for try await chunk in response.body {
                guard body.count + chunk.readableBytes <= limit else { throw tooLarge(status) }
                guard ContinuousClock.now < end else { return .failure(.timedOut("the answer does not end")) }
                body.append(contentsOf: chunk.readableBytesView)
            }
            answer = ManagerAnswer(status: status, contentType: contentType, body: body, length: body.count)
        case .file(let file, let limit):
            try file.restart(request)
            var length = 0
            for try await chunk in response.body {
                length += chunk.readableBytes
                guard length <= limit else { throw tooLarge(status) }
                try chunk.withUnsafeReadableBytes { try file.write($0, request) }
            }
            answer = ManagerAnswer(status: status, contentType: contentType, body: [], length: length)
        }
        if let announced, announced != answer.length {
            return .failure(.truncated("the answer has \(answer.length) of \(announced) bytes"))
        }
        return .success(answer)
    }

    /// As much of an error's body as is worth reading; that it breaks off does not matter.
    @concurrent
    private func explanation(_ response: HTTPClientResponse) async -> [UInt8] {
        var body: [UInt8] = []
        let end = ContinuousClock.now + .seconds(30)
        do {
            for try await chunk in response.body {
                body.append(contentsOf: chunk.readableBytesView)
                if body.count > Self.explanationLimit || ContinuousClock.now > end { break }
            }
        } catch {}
        return body
    }

    private func tooLarge(_ status: Int) -> ManagerError {
        ManagerError(
            .responseTooLarge, status: status, message: "the answer is larger than \(sink.limit) bytes",
            request: request.summary)
    }
}
