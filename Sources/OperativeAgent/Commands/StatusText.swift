internal import Operative

/// What the agent tells about itself, as text for people. Everything comes from another process: what is missing reads as a dash.
enum StatusText {
    static func summary(_ status: PropertyValue) -> String {
        let agent = status["agent"] ?? .null
        var lines: [(String, String)] = [
            ("agent", "\(text(agent["name"]))  (queue \(text(agent["queue"])), process \(text(agent["pid"])))"),
            ("version", version(agent)),
            ("state", state(status)),
            ("up for", age(agent["uptime_seconds"])),
            ("slots", "\(text(status["slots"]?["busy"])) of \(text(status["slots"]?["total"])) busy"),
            ("tasks", counts(status["tasks"], ["running", "waiting", "stuck", "settling"])),
            ("waiting room", room(status["waiting_room"])),
            (
                "ended",
                counts(
                    status["ended"],
                    ["succeeded", "failed", "rescheduled", "cancelled", "handed_on", "stopped_agent"])
            ),
        ]
        if status["waits_for"]?.stringValue != nil { lines.append(("alone", text(status["waits_for"]))) }
        for connection in status["connections"]?.arrayValue ?? [] {
            lines.append(("broker", self.connection(connection)))
        }
        lines.append(("retries", retries(status["retries"])))
        if let line = telemetry(status["telemetry"]) { lines.append(("log records", line)) }
        lines.append(("cancellations", "\(text(status["cancellations"])) remembered"))
        return lines.map { pad($0.0, to: 15) + $0.1 + "\n" }.joined()
    }

    /// Nil when all have arrived, or the agent is one that does not tell.
    private static func telemetry(_ telemetry: PropertyValue?) -> String? {
        let waiting = telemetry?["waiting"]?.intValue ?? 0
        let unwanted = telemetry?["unwanted"]?.intValue ?? 0
        var parts: [String] = []
        if waiting > 0 { parts.append("\(waiting) wait") }
        if unwanted > 0 { parts.append("\(unwanted) lost: the manager takes nothing more of their executions") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// So many waiting tasks are shown; those that run, all.
    private static let waitingLimit = 20

    static func operations(_ operations: PropertyValue) -> String {
        let tasks = operations["tasks"]?.arrayValue ?? []
        let waiting = tasks.filter { $0["phase"] == "waiting" }
        let others = tasks.filter { $0["phase"] != "waiting" }
        let shown = others + waiting.prefix(waitingLimit)
        var result = table(
            ["PHASE", "FOR", "OPERATION", "EXECUTION", "TASK", "RETRY"],
            shown.map { task in
                [
                    text(task["phase"]) + (task["cancelled"] == true ? " (cancelled)" : ""), age(task["seconds"]),
                    text(task["operation"]), text(task["execution_id"]), text(task["task_id"]),
                    text(task["retry_number"]),
                ]
            }, otherwise: "No task is in the agent's hands.\n")
        if operations["waits_for"]?.stringValue != nil { result += text(operations["waits_for"]) + "\n" }
        let waitingCount = operations["counts"]?["waiting"]?.intValue ?? waiting.count
        let hidden = waitingCount - min(waiting.count, waitingLimit)
        if hidden > 0 { result += "… and \(hidden) more wait: \(waitingCount) in all\n" }
        // Only an agent with more than a thousand slots has others that do not fit.
        let omitted = (operations["omitted"]?.intValue ?? 0) - (waitingCount - waiting.count)
        if omitted > 0 { result += "… and \(omitted) more that do not wait\n" }
        if let parked = operations["parked"]?.arrayValue, !parked.isEmpty {
            result += "\n"
            result += table(
                ["PARKED", "EXECUTION", "TASK", "DUE"],
                parked.map {
                    [text($0["operation"]), text($0["execution_id"]), text($0["task_id"]), text($0["due_at"])]
                },
                otherwise: "")
        }
        result += "\n"
        result += table(
            ["ENDED", "TOOK", "OUTCOME", "OPERATION", "EXECUTION", "TASK", "RETRY"],
            (operations["recent"]?.arrayValue ?? []).map { outcome in
                [
                    text(outcome["ended_at"]), age(outcome["duration_seconds"]), text(outcome["outcome"]),
                    text(outcome["operation"]), text(outcome["execution_id"]), text(outcome["task_id"]),
                    text(outcome["retry_number"]),
                ]
            }, otherwise: "Nothing has ended since the agent was started.\n")
        return result
    }

    static func table(_ head: [String], _ rows: [[String]], otherwise: String) -> String {
        guard !rows.isEmpty else { return otherwise }
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.indices.map { $0 == row.count - 1 ? row[$0] : pad(row[$0], to: widths[$0] + 2) }
            return cells.joined() + "\n"
        }.joined()
    }

    /// A value on one line: names come from whoever sent the task, and a terminal obeys control characters.
    static func text(_ value: PropertyValue?) -> String {
        switch value {
        case nil, .null: "-"
        case .string(let text):
            String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmless($0) ? $0 : "\u{FFFD}" }))
        case let value?: value.jsonString
        }
    }

    /// `3 d 4 h`, `12 min 5 s`, `0.3 s`
    static func age(_ value: PropertyValue?) -> String {
        guard let seconds = value?.doubleValue, seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "-" }
        guard seconds >= 10 else { return "\((seconds * 10).rounded() / 10) s" }
        let whole = Int(seconds)
        if whole < 60 { return "\(whole) s" }
        if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
        if whole < 86_400 { return "\(whole / 3_600) h \(whole / 60 % 60) min" }
        return "\(whole / 86_400) d \(whole / 3_600 % 24) h"
    }

    private static func version(_ agent: PropertyValue) -> String {
        let program = agent["program_version"]?.stringValue.map { "program \(text(.string($0))), " } ?? ""
        return "\(program)operative \(text(agent["version"]))"
    }

    private static func state(_ status: PropertyValue) -> String {
        let state = text(status["state"]).replacing("_", with: " ")
        guard status["reason"]?.stringValue != nil else { return state }
        return "\(state): \(text(status["reason"]))"
    }

    private static func room(_ room: PropertyValue?) -> String {
        let full = room?["is_full"] == true ? ", full: no new tasks until half of it is free" : ""
        return "\(text(room?["taken"])) of \(text(room?["size"])) taken\(full)"
    }

    private static func connection(_ connection: PropertyValue) -> String {
        var result = "\(text(connection["name"])) \(text(connection["state"]))"
        if connection["broker"]?.stringValue != nil { result += " \(text(connection["broker"]))" }
        result += " for \(age(connection["seconds"]))"
        if connection["blocked"]?.stringValue != nil { result += ", blocked: \(text(connection["blocked"]))" }
        return result
    }

    private static func retries(_ retries: PropertyValue?) -> String {
        switch retries?["waits_in"] {
        case "broker": "wait in the broker (\(text(retries?["layout"])))"
        case "manager": "are answered to the manager"
        default: "not known before the broker has been asked"
        }
    }

    private static func counts(_ value: PropertyValue?, _ names: [String]) -> String {
        names.map { "\(text(value?[$0])) \($0.replacing("_", with: " "))" }.joined(separator: ", ")
    }

    private static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: true
        }
    }
}
