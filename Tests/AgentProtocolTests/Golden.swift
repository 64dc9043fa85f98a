import Foundation
import Operative
import Testing

/// Captured messages, read as JSON trees.
enum Golden {
    static func read(_ path: String) throws -> PropertyValue {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(path)", withExtension: "json"))
        return try PropertyValue(json: Array(Data(contentsOf: url)))
    }

    static func names(_ directory: String) throws -> [String] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(directory)", withExtension: nil))
        let files = try FileManager.default.contentsOfDirectory(atPath: url.path)
        return files.filter { $0.hasSuffix(".json") }.map { "\(directory)/\($0.dropLast(5))" }.sorted()
    }

    /// The bodies of all operation tasks of the fixtures, by a name for messages.
    static func tasks() throws -> [(name: String, body: PropertyValue)] {
        var tasks: [(String, PropertyValue)] = []
        for name in try names("operation_messages") + names("operations") + names("operations_edge") {
            let content = try read(name)
            let messages = content["amqp_in_order"]?.arrayValue ?? content.arrayValue ?? [content["request"] ?? content]
            for (index, message) in messages.enumerated() {
                guard let body = message["body"], body["cloudify_task"] != nil else { continue }
                tasks.append(("\(name)#\(index)", body))
            }
        }
        return tasks
    }

    static func reply(_ name: String) throws -> PropertyValue {
        let content = try read(name)
        if let body = content.value(at: "response.body") { return body }
        return try #require(content["amqp_in_order"]?.arrayValue?.compactMap { $0["body"] }.first { $0["ok"] != nil })
    }
}

extension PropertyValue {
    /// The value without tracebacks: Swift has none, so ours are absent or a line of our own. Null stays null.
    var withoutTracebacks: PropertyValue {
        switch self {
        case .array(let elements): .array(elements.map(\.withoutTracebacks))
        case .object(var members):
            {
                if members["exception_type"] != nil { members["traceback"] = nil }
                if members["traceback"]?.stringValue != nil { members["traceback"] = "some text" }
                return .object(members.mapValues(\.withoutTracebacks))
            }()
        default: self
        }
    }

    func replacing(_ key: String, _ value: PropertyValue) -> PropertyValue {
        guard case .object(var members) = self else { return self }
        members[key] = value
        return .object(members)
    }

    subscript(context key: String) -> PropertyValue? { value(at: "cloudify_task.kwargs.__cloudify_context")?[key] }
}
