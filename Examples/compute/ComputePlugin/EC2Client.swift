internal import AsyncHTTPClient
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import Operative
internal import XMLCoder

/// The requests of the EC2 query API that the plugin needs.
struct EC2Client: Sendable {
    private static let version = "2016-11-15"
    private static let limit = TimeAmount.seconds(30)
    private static let largestAnswer = 4 << 20

    /// For all machines, and for as long as the process lives. An endpoint that cannot be reached is told at once: the operation comes back.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    let connection: EC2Connection

    /// Asks for one machine.
    ///
    /// - Parameter token: Makes asking again harmless, and marks the machine so that ``machine(withToken:)`` finds it.
    func requestMachine(_ settings: MachineSettings, name: String, token: String) async throws -> EC2Machine {
        var parameters = [
            "ImageId": settings.image, "InstanceType": settings.flavor, "MinCount": "1", "MaxCount": "1",
            "ClientToken": token, "TagSpecification.1.ResourceType": "instance",
            "TagSpecification.1.Tag.1.Key": "Name", "TagSpecification.1.Tag.1.Value": name,
            "TagSpecification.1.Tag.2.Key": Self.tokenTag, "TagSpecification.1.Tag.2.Value": token,
        ]
        parameters["KeyName"] = settings.keyName
        parameters["SubnetId"] = settings.subnet
        parameters["UserData"] = settings.userData.map { Data($0.utf8).base64EncodedString() }
        for (index, group) in settings.securityGroups.enumerated() {
            parameters["SecurityGroupId.\(index + 1)"] = group
        }
        let answer = try await send("RunInstances", parameters, as: EC2Reservation.self)
        guard let machine = answer.machines.first else {
            throw RecoverableError("The endpoint names no machine in its answer to RunInstances.")
        }
        return machine
    }

    /// The machine with this id; nil when the endpoint does not know it.
    func machine(_ id: String) async throws -> EC2Machine? {
        do {
            return try await send("DescribeInstances", ["InstanceId.1": id], as: EC2Description.self).machines.first
        } catch let error as EC2Error where error.meansNoSuchMachine {
            return nil
        }
    }

    /// The machine that was asked for with this token and still exists; nil when there is none.
    func machine(withToken token: String) async throws -> EC2Machine? {
        let parameters = ["Filter.1.Name": "tag:\(Self.tokenTag)", "Filter.1.Value.1": token]
        let description = try await send("DescribeInstances", parameters, as: EC2Description.self)
        return description.machines.first { !$0.state.isGone }
    }

    func start(_ id: String) async throws { try await send("StartInstances", id) }
    func stop(_ id: String) async throws { try await send("StopInstances", id) }
    func terminate(_ id: String) async throws { try await send("TerminateInstances", id) }

    private static let tokenTag = "operative-token"

    private func send(_ action: String, _ id: String) async throws {
        _ = try await send(action, ["InstanceId.1": id], as: EC2Acceptance.self)
    }

    private func send<Answer: Decodable>(
        _ action: String, _ parameters: [String: String], as type: Answer.Type
    ) async throws -> Answer {
        var parameters = parameters
        parameters["Action"] = action
        parameters["Version"] = Self.version
        let body = FormEncoding.encode(parameters)
        var request = HTTPClientRequest(url: connection.endpoint)
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: body))
        for (name, value) in RequestSignature(connection: connection, body: body, date: .now).headers {
            request.headers.replaceOrAdd(name: name, value: value)
        }
        let status: UInt
        let answer: Data
        do {
            let response = try await Self.http.execute(request, timeout: Self.limit)
            status = response.status.code
            answer = Data((try await response.body.collect(upTo: Self.largestAnswer)).readableBytesView)
        } catch let error as CancellationError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw RecoverableError("\(action): \(connection.host) cannot be reached: \(error)", cause: error)
        }
        guard (200..<300).contains(status) else { throw EC2Error(action: action, status: status, answer: answer) }
        do {
            return try XMLDecoder().decode(type, from: answer)
        } catch {
            throw RecoverableError("\(action): the endpoint's answer cannot be read: \(error)", cause: error)
        }
    }
}
