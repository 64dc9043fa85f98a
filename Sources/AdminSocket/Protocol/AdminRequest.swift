package import Operative

/// What is asked of an agent.
package struct AdminRequest: Sendable, Hashable {
    package var command: String
    package var arguments: [String: PropertyValue]

    package init(_ command: String, _ arguments: [String: PropertyValue] = [:]) {
        self.command = command
        self.arguments = arguments
    }

    var line: [UInt8] {
        let value: PropertyValue = [
            "v": .integer(AdminProtocol.version), "command": .string(command), "arguments": .object(arguments),
        ]
        return value.json + [UInt8(ascii: "\n")]
    }

    /// Reads a request.
    ///
    /// - Throws: what the peer shall be told.
    init(line: ArraySlice<UInt8>) throws(AdminError) {
        let value: PropertyValue
        do throws(JSONError) {
            value = try PropertyValue(json: line)
        } catch {
            throw AdminError(.badRequest, "a request is one JSON object on one line: \(error)")
        }
        guard value["v"]?.intValue == AdminProtocol.version else {
            throw AdminError(
                .version,
                "this agent speaks version \(AdminProtocol.version) of the protocol (field v); use the command line of the same release"
            )
        }
        guard let command = value["command"]?.stringValue else {
            throw AdminError(.badRequest, "a request has the field command, a text")
        }
        self.init(command, value["arguments"]?.objectValue ?? [:])
    }
}
