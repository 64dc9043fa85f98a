internal import Operative

/// Shows log records and events of one execution, a line each.
struct TelemetryPrinter: Sendable {
    let executionID: String
    let showsDebug: Bool

    func show(_ record: [UInt8]) {
        guard let record = try? PropertyValue(json: record),
            record["context"]?["execution_id"]?.stringValue == executionID
        else { return }
        let isLog = record["type"]?.stringValue == "cloudify_log"
        let level = record["level"]?.stringValue ?? ""
        guard !(isLog && level == "debug" && !showsDebug) else { return }
        let text = record["message"]?["text"]?.stringValue ?? ""
        StandardError.write(
            "\(Self.time(record)) \(isLog ? "LOG" : "CFY") <\(Self.deployment(record))> \(Self.place(record))\(isLog ? "\(level.uppercased()): " : "")\(text)\n"
        )
    }

    private static func time(_ record: PropertyValue) -> String {
        let text = record["timestamp"]?.stringValue ?? ""
        return text.replacing("T", with: " ").replacing("Z", with: "")
    }

    private static func deployment(_ record: PropertyValue) -> String {
        record["context"]?["deployment_id"]?.stringValue ?? "-"
    }

    /// The node and the last part of the operation, as Cloudify's own command line shows them.
    private static func place(_ record: PropertyValue) -> String {
        let context = record["context"]
        let operation = context?["operation"]?.stringValue?.split(separator: ".").last.map(String.init)
        if let source = context?["source_id"]?.stringValue, let target = context?["target_id"]?.stringValue {
            return "[\(source)->\(target)|\(operation ?? "")] "
        }
        let parts = [context?["node_id"]?.stringValue, operation].compactMap { $0 }
        return parts.isEmpty ? "" : "[\(parts.joined(separator: "."))] "
    }
}
