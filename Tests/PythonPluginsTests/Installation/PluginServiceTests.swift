import AgentProtocol
import AgentRuntime
import Foundation
import ManagerTestServer
import Operative
import PythonPlugins
import Testing

/// What a manager asks the agent itself for, as it was recorded.
@Suite("Plugins by service task", .timeLimit(.minutes(5)))
struct PluginServiceTests {
    private func service(_ place: InstallationPlace, _ environment: [String: String] = [:]) -> PluginService {
        PluginService(installer: place.installer(), environment: environment, logger: place.log.logger) {
            try place.client($0)
        }
    }

    private func order(_ fixture: PropertyValue, targets: [String]? = nil) throws -> PluginOrder {
        let kwargs = try #require(fixture["request"]?["body"]?["service_task"]?["kwargs"])
        return PluginOrder(
            plugin: try #require(kwargs["plugin"]), tenant: kwargs["tenant"]?["name"]?.stringValue,
            managerHosts: (kwargs["rest_host"]?.arrayValue ?? []).compactMap(\.stringValue),
            managerPort: kwargs["rest_port"]?.intValue ?? 0, token: kwargs["rest_token"]?.stringValue, targets: targets)
    }

    private func fixture(_ name: String) throws -> PropertyValue {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/service/\(name)", withExtension: "json"))
        return try PropertyValue(json: Array(try Data(contentsOf: url)))
    }

    /// The requests as the fixtures have them.
    private func expect(_ requests: [RecordedRequest], as fixture: PropertyValue) throws {
        let recorded = try #require(fixture["rest_requests_by_agent"]?.arrayValue)
        try #require(requests.count == recorded.count)
        for (request, expected) in zip(requests, recorded) {
            #expect(request.method == expected["method"]?.stringValue)
            #expect(request.path == expected["path"]?.stringValue)
            #expect(request.query == expected["query"]?.stringValue)
            #expect(request.header("Authentication-Token") == expected["headers"]?["Authentication-Token"]?.stringValue)
            #expect(request.header("Execution-Token") == nil)
            #expect(request.header("Tenant") == expected["headers"]?["Tenant"]?.stringValue)
            var body = expected["body"]?.objectValue
            if body != nil { body?["agent"] = "agent1" }
            #expect(request.json?.objectValue == body)
        }
    }

    @Test("A plugin that the manager does not have: the requests and the error of a Python agent")
    func notFound() async throws {
        let place = try await InstallationPlace()
        let fixture = try fixture("install_plugin_not_found")
        let error = await #expect(throws: NonRecoverableError.self) {
            try await service(place).install(try order(fixture))
        }
        let machine = MachinePlatform.current
        let text = (fixture["response"]?["body"]?["error"]?.stringValue ?? "")
            .replacing("platform=Linux, arch=x86_64", with: "platform=\(machine.system), arch=\(machine.architecture)")
        #expect("NonRecoverableError('\(error?.message ?? "")')" == text)
        try expect(place.manager.requests, as: fixture)
        await place.close()
    }

    @Test("A plugin that is not there is removed, and a manager that has forgotten it does not mind")
    func uninstall() async throws {
        let place = try await InstallationPlace()
        let fixture = try fixture("uninstall_plugin")
        try await service(place).uninstall(try order(fixture))
        try expect(place.manager.requests, as: fixture)
        await place.close()
    }

    @Test("An order for certain management workers is for those only")
    func targets() async throws {
        let place = try await InstallationPlace()
        let fixture = try fixture("uninstall_plugin")
        try await service(place).uninstall(try order(fixture, targets: ["m1"]))
        try await service(place, ["MANAGER_NAME": "m2"]).uninstall(try order(fixture, targets: ["m1"]))
        #expect(place.manager.requests.isEmpty)
        try await service(place, ["MANAGER_NAME": "m1"]).uninstall(try order(fixture, targets: ["m1"]))
        #expect(place.manager.requests.count == 1)
        await place.close()
    }
}
