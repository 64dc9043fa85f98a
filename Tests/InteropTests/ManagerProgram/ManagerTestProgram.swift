import Glibc
import ManagerTestServer
import Operative

/// The manager for tests as a process of its own. It listens on a free port, prints `{"port": …}`, and then obeys lines on its standard
/// input, each answered by a line: `down`, `up`, `requests` (how many there were since the last `clear`, by method and kind), `clear`,
/// `plugin {…}` (one that the manager has from now on; its archive is the file `plugins/<id>`).
///
/// Only the token `admin` is accepted at first; each execution that is started adds its own.
@main
struct ManagerTestProgram {
    static func main() async throws {
        let manager = try await TestManager()
        manager.change { $0.tokens = ["admin"] }
        say(["port": .integer(manager.port)])
        while let line = readLine() {
            switch line {
            case "down":
                await manager.goDown()
                say(["down": true])
            case "up":
                try await manager.comeBack()
                say(["down": false])
            case "requests": say(counts(of: manager.requests))
            case "clear":
                manager.clearRequests()
                say([:])
            case _ where line.hasPrefix("plugin "):
                guard
                    let fields = (try? PropertyValue(json: Array(line.utf8.dropFirst("plugin ".utf8.count))))?
                        .objectValue,
                    let id = fields["id"]?.stringValue
                else {
                    say(["error": "no plugin"])
                    continue
                }
                manager.change { $0.plugins[id] = fields }
                say([:])
            default: say(["error": "unknown"])
            }
        }
        await manager.goDown()
    }

    private static func counts(of requests: [RecordedRequest]) -> PropertyValue {
        var counts: [String: PropertyValue] = [:]
        for request in requests {
            let kind = "\(request.method) \(request.segments.dropFirst(2).first ?? request.path)"
            counts[kind] = .integer((counts[kind]?.intValue ?? 0) + 1)
        }
        return .object(counts)
    }

    private static func say(_ value: PropertyValue) {
        print(value.jsonString)
        fflush(nil)
    }
}
