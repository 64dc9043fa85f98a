internal import Synchronization

/// One log file for each deployment, where a Cloudify agent has them: what the operations of `web` log is in `web.log`, what belongs to
/// no deployment in `__system__.log`.
///
/// Each is put aside when it has grown, as the agent's own log is. What cannot be written is lost.
public final class DeploymentLogs: Sendable {
    /// Files that stay open.
    private static let openFiles = 16

    private struct Entry {
        let file: RotatingLogFile
        var lastUse: Int
    }

    private struct State {
        var files: [String: Entry] = [:]
        var uses = 0
    }

    private let directory: String
    private let maxBytes: Int
    private let maxHistory: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - directory: Where the files are; it is made when it is missing, the one above it is not.
    ///   - maxBytes: How large each may become; 0 for no limit.
    ///   - maxHistory: How many older files of each are kept; with 0 a file grows without limit.
    public init(directory: String, maxBytes: Int, maxHistory: Int) {
        self.directory = directory
        self.maxBytes = maxBytes
        self.maxHistory = maxHistory
    }

    /// Appends `2026-11-21 00:01:13,213:INFO: [execution] [node instance] text`, as the operations of a Cloudify agent print it.
    ///
    /// - Parameters:
    ///   - level: A name of a level, such as `info`.
    ///   - deployment: Nil for none.
    ///   - execution: Nil for none.
    ///   - node: The node instance, or `source->target` in a relationship; nil for none.
    public func write(_ text: String, level: String, deployment: String?, execution: String?, node: String?) {
        var line: [UInt8] = []
        line.reserveCapacity(text.utf8.count + 128)
        CloudifyLogHandler.appendLocalTime(LogTimestamp.now(), to: &line)
        line.append(contentsOf: ":\(level.uppercased()):".utf8)
        for part in [execution, node] {
            guard let part else { continue }
            line.append(contentsOf: " [".utf8)
            LogText.appendPlain(part, to: &line)
            line.append(UInt8(ascii: "]"))
        }
        line.append(UInt8(ascii: " "))
        line.append(contentsOf: text.utf8)
        line.append(UInt8(ascii: "\n"))
        file(of: deployment)?.write(line)
    }

    /// The file of a deployment, for a process that appends to it by itself. It is put aside first when it has grown.
    ///
    /// - Parameter deployment: Nil for none.
    /// - Returns: Nil when it cannot be written.
    public func path(of deployment: String?) -> String? {
        guard let file = file(of: deployment) else { return nil }
        file.rotateWhenGrown()
        return "\(directory)/\(Self.fileName(of: deployment)).log"
    }

    private func file(of deployment: String?) -> RotatingLogFile? {
        let name = Self.fileName(of: deployment)
        return state.withLock { state in
            state.uses += 1
            state.files[name]?.lastUse = state.uses
            if let entry = state.files[name] { return entry.file }
            guard
                let file = try? RotatingLogFile(
                    path: "\(directory)/\(name).log", maxBytes: maxBytes, maxHistory: maxHistory)
            else { return nil }
            if state.files.count >= Self.openFiles,
                let oldest = state.files.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.files[oldest.key] = nil
            }
            state.files[name] = Entry(file: file, lastUse: state.uses)
            return file
        }
    }

    /// A name that stays in the directory, whatever the deployment is called.
    static func fileName(of deployment: String?) -> String {
        guard let deployment, !deployment.isEmpty else { return "__system__" }
        var name: [UInt8] = []
        for byte in deployment.utf8.prefix(200) {
            name.append(byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte)
        }
        if name.first == UInt8(ascii: ".") { name[0] = UInt8(ascii: "_") }
        return String(decoding: name, as: UTF8.self)
    }
}
