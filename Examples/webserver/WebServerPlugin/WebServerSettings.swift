internal import Operative

/// The properties of a web server node, checked.
struct WebServerSettings {
    let port: Int
    let bind: String
    let text: String

    init(_ properties: [String: PropertyValue]) throws {
        guard let port = properties["port"]?.intValue, (1...65_535).contains(port) else {
            throw NonRecoverableError("Node property 'port' must be a number from 1 to 65535.")
        }
        self.port = port
        bind = properties["bind"]?.stringValue ?? "127.0.0.1"
        text = properties["text"]?.stringValue ?? "Hello from Operative!"
    }
}
