import OperationProcesses
import Operative

/// What a resident parent says.
enum WarmMessage: Sendable, Hashable {
    /// It has imported what all operations need.
    case ready
    /// It cannot work for this environment.
    case unfit(String)
    /// It begins to import a module, which may take a while.
    case importing(Int)
    /// A child waits for the word.
    case began(Int, pid: Int32)
    /// This operation must run cold; always, or only now.
    case cold(Int, because: String, always: Bool)
    /// The files that it has imported have changed.
    case stale(Int, because: String)
    /// A child has ended; how much memory the parent itself has.
    case ended(Int, ProcessEnd, resident: Int)
    case pong(Int)

    /// - Returns: nil for what no parent says.
    init?(line: ArraySlice<UInt8>) {
        guard let value = try? PropertyValue(json: line), case .object(let fields) = value else { return nil }
        func number(_ name: String) -> Int? { fields[name]?.intValue }
        let reason = fields["because"]?.stringValue ?? ""
        if fields["ready"] != nil {
            self = .ready
        } else if let text = fields["unfit"]?.stringValue {
            self = .unfit(text)
        } else if let operation = number("importing") {
            self = .importing(operation)
        } else if let operation = number("began"), let pid = number("pid").flatMap({ Int32(exactly: $0) }) {
            self = .began(operation, pid: pid)
        } else if let operation = number("cold") {
            self = .cold(operation, because: reason, always: fields["always"]?.boolValue ?? true)
        } else if let operation = number("stale") {
            self = .stale(operation, because: reason)
        } else if let operation = number("ended") {
            let end: ProcessEnd
            if let status = number("exit").flatMap({ Int32(exactly: $0) }) {
                end = .exited(status)
            } else if let signal = number("signal").flatMap({ Int32(exactly: $0) }) {
                end = .signalled(signal)
            } else {
                return nil
            }
            self = .ended(operation, end, resident: number("resident") ?? 0)
        } else if let ping = number("pong") {
            self = .pong(ping)
        } else {
            return nil
        }
    }
}
