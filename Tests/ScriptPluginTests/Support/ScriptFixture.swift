import Foundation
import Operative
import Testing

/// What was recorded of one script operation of the original: the task, the reply, and the log.
struct ScriptFixture {
    let inputs: [String: PropertyValue]
    let operationName: String
    let reply: PropertyValue
    /// Level, or type of event, and text.
    let log: [(level: String, text: String)]

    init(_ name: String) throws {
        let fixture = try PropertyValue(json: Array(Self.content("\(name).json")))
        let kwargs = try #require(fixture.value(at: "request.cloudify_task.kwargs")?.objectValue)
        inputs = kwargs.filter { $0.key != "__cloudify_context" }
        operationName = try #require(kwargs["__cloudify_context"]?.value(at: "operation.name")?.stringValue)
        reply = try #require(fixture["reply"])
        log = (fixture["log"]?.arrayValue ?? []).map { ($0[0]?.stringValue ?? "", $0[1]?.stringValue ?? "") }
    }

    /// The scripts that were run, by the path of the resource, and what else there was.
    ///
    /// - Parameters:
    ///   - work: a directory in the place of the recording machine's.
    ///   - overHTTP: whether the script that was recorded with all its requests is to reach ctx over HTTP, as it did, or over the socket.
    static func resources(work: String, overHTTP: Bool) throws -> [String: String] {
        // Only the program that took down the requests is left out.
        let recording = #"export CTX_SOCKET_URL="http://localhost:$TEE_PORT""#
        let redirection = overHTTP ? #"export CTX_SOCKET_URL="http://localhost:${CTX_SOCKET_URL##*:}""# : ":"
        var resources = ["scripts/res.txt": "resource\n", "scripts/tpl.txt": "hello {{ who }}\n"]
        let directory = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/files")
        for file in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            resources["scripts/\(file)"] = String(decoding: try content("files/\(file)"), as: UTF8.self)
                .replacing("/PATH/work", with: work).replacing(recording, with: redirection)
        }
        return resources
    }

    private static func content(_ path: String) throws -> Data {
        let directory = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
        return try Data(contentsOf: directory.appending(path: path))
    }
}
