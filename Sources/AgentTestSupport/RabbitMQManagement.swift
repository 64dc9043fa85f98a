import Foundation
import FoundationNetworking

/// The parts of RabbitMQ's management HTTP interface that tests need. Calls take milliseconds, those of `rabbitmqctl` seconds.
public struct RabbitMQManagement: Sendable {
    /// An answer that is not a success.
    public struct Failure: Error, CustomStringConvertible {
        /// The request, the status and the body.
        public let description: String
    }

    /// A client connection as the broker sees it.
    public struct Connection: Sendable, Decodable {
        /// The broker's name for it.
        public let name: String
        /// The virtual host; nil until the login is over.
        public let vhost: String?
        /// The name that the client gave itself.
        public let user_provided_name: String?
        /// The state, such as `running`, `blocked` or `blocking`.
        public let state: String?
    }

    /// Where it listens.
    public let port: Int

    /// Makes a virtual host in which `guest` may do everything.
    public func createVirtualHost(_ name: String) async throws {
        try await send("PUT", ["vhosts", name])
        try await setPermissions(user: "guest", virtualHost: name)
    }

    /// Removes a virtual host with everything in it; its connections are closed.
    public func deleteVirtualHost(_ name: String) async throws {
        try await send("DELETE", ["vhosts", name])
    }

    /// Makes a user without any permission.
    public func createUser(_ name: String, password: String) async throws {
        try await send("PUT", ["users", name], ["password": password, "tags": ""])
    }

    /// Removes a user.
    public func deleteUser(_ name: String) async throws {
        try await send("DELETE", ["users", name])
    }

    /// Gives a user permissions, as regular expressions of resource names.
    public func setPermissions(
        user: String, virtualHost: String, configure: String = ".*", write: String = ".*", read: String = ".*"
    ) async throws {
        try await send(
            "PUT", ["permissions", virtualHost, user], ["configure": configure, "write": write, "read": read])
    }

    /// Makes a queue, and binds it to an exchange with its own name as the key.
    public func declareQueue(_ name: String, boundTo exchange: String, virtualHost: String) async throws {
        try await send("PUT", ["queues", virtualHost, name], [:])
        try await send("POST", ["bindings", virtualHost, "e", exchange, "q", name], ["routing_key": name])
    }

    /// Removes a queue.
    public func deleteQueue(_ name: String, virtualHost: String) async throws {
        try await send("DELETE", ["queues", virtualHost, name])
    }

    /// Removes an exchange.
    public func deleteExchange(_ name: String, virtualHost: String) async throws {
        try await send("DELETE", ["exchanges", virtualHost, name])
    }

    /// The messages of a queue, ready and unacknowledged, as of the last statistics event: up to seconds old.
    public func messageCount(queue: String, virtualHost: String) async throws -> Int {
        struct Queue: Decodable { let messages: Int? }
        return try JSONDecoder().decode(Queue.self, from: try await send("GET", ["queues", virtualHost, queue]))
            .messages ?? 0
    }

    /// The messages of a queue that no consumer has, as of the last statistics event: up to seconds old.
    public func readyCount(queue: String, virtualHost: String) async throws -> Int {
        struct Queue: Decodable { let messages_ready: Int? }
        return try JSONDecoder().decode(Queue.self, from: try await send("GET", ["queues", virtualHost, queue]))
            .messages_ready ?? 0
    }

    /// The connections to a virtual host.
    public func connections(virtualHost: String) async throws -> [Connection] {
        let all = try JSONDecoder().decode([Connection].self, from: try await send("GET", ["connections"]))
        return all.filter { $0.vhost == virtualHost }
    }

    /// Closes every connection to a virtual host that the broker knows by now.
    ///
    /// - Returns: How many there were.
    @discardableResult
    public func closeConnections(virtualHost: String) async throws -> Int {
        let connections = try await connections(virtualHost: virtualHost)
        for connection in connections { try await send("DELETE", ["connections", connection.name]) }
        return connections.count
    }

    /// Closes a connection by the broker's name for it.
    public func closeConnection(_ name: String) async throws {
        try await send("DELETE", ["connections", name])
    }

    @discardableResult
    private func send(_ method: String, _ path: [String], _ body: [String: String]? = nil) async throws -> Data {
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        let encoded = path.map { $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? $0 }.joined(separator: "/")
        guard let url = URL(string: "http://127.0.0.1:\(port)/api/\(encoded)") else {
            throw Failure(description: "no URL from \(path)")
        }
        var request = URLRequest(url: url, timeoutInterval: 15)
        request.httpMethod = method
        request.setValue("Basic " + Data("guest:guest".utf8).base64EncodedString(), forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if let body { request.httpBody = try JSONEncoder().encode(body) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else {
            throw Failure(description: "\(method) \(url): \(status) \(String(decoding: data, as: UTF8.self))")
        }
        return data
    }
}
