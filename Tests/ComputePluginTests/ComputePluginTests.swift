import Operative
import OperativeTestKit
import Testing

@testable import ComputePlugin

@Suite("The compute plugin against an EC2 endpoint", .timeLimit(.minutes(5)))
struct ComputePluginTests {
    private let plugin = ComputePlugin()

    @Test("A machine is asked for once, waited for, found at its address, stopped and deleted")
    func lifecycle() async throws {
        let region = try await EC2Region.fresh()
        try await region.order(["pending": 3])
        let environment = region.environment()
        #expect(await environment.run("compute.create", in: plugin).value == .null)
        #expect(environment.runtimeProperties["ip"] == nil)

        for attempt in 0..<2 {
            let start = await environment.run("compute.start", in: plugin, retryNumber: attempt)
            #expect(start.retry?.after == .milliseconds(10))
            #expect(start.retry?.message.contains("pending") == true)
        }
        #expect(await environment.run("compute.get_state", in: plugin).value == false)
        #expect(environment.runtimeProperties["state"] == "pending")
        #expect(await environment.run("compute.start", in: plugin, retryNumber: 2).value == .null)
        #expect(await environment.run("compute.get_state", in: plugin).value == true)

        let properties = environment.runtimeProperties
        let address = try #require(properties["ip"]?.stringValue)
        let networks = try #require(properties["networks"]?.objectValue)
        #expect(networks.count == 1)
        #expect(networks.values.first == [.string(address)])
        let id = try #require(properties["machine_id"]?.stringValue)
        #expect(environment.events == ["Machine \(id) requested", "Machine \(id) runs at \(address)"])
        #expect(try await region.order().count { $0 == "RunInstances" } == 1)

        #expect(await environment.run("compute.stop", in: plugin).retry != nil)
        #expect(await environment.run("compute.stop", in: plugin).value == .null)
        #expect(environment.runtimeProperties["ip"] == nil)
        // A machine that is stopped is started again.
        #expect(await environment.run("compute.start", in: plugin).retry != nil)
        #expect(await environment.run("compute.start", in: plugin).value == .null)

        #expect(await environment.run("compute.delete", in: plugin).retry != nil)
        #expect(await environment.run("compute.delete", in: plugin).value == .null)
        #expect(environment.runtimeProperties.isEmpty)
        #expect(try await region.client().machine(id)?.state.isGone == true)
    }

    @Test(
        "An attempt that ends between the request and its answer leaves no second machine behind, and one that can be deleted"
    )
    func interrupted() async throws {
        let region = try await EC2Region.fresh()
        try await region.order(["lose_answers": 1])
        let environment = region.environment()
        let lost = try #require(await environment.run("compute.start", in: plugin).failure)
        #expect(lost.isRecoverable)
        // What a crash at this place leaves: a token, and a machine that nobody has noted.
        let left = environment.runtimeProperties
        #expect(Set(left.keys) == ["machine_token"])
        let token = try #require(left["machine_token"]?.stringValue)
        let machine = try #require(try await region.client().machine(withToken: token))

        #expect(await environment.run("compute.start", in: plugin, resume: true).value == .null)
        #expect(environment.runtimeProperties["machine_id"] == .string(machine.id))
        #expect(try await region.order().count { $0 == "RunInstances" } == 1)

        let other = region.environment(left)
        #expect(await other.run("compute.delete", in: plugin).retry != nil)
        #expect(await other.run("compute.delete", in: plugin).value == .null)
        #expect(try await region.client().machine(machine.id)?.state.isGone == true)
    }

    @Test("When properties cannot be saved, no machine is asked for")
    func unsaved() async throws {
        struct Away: Error {}
        let region = try await EC2Region.fresh()
        let environment = region.environment()
        environment.failSaves(with: Away())
        #expect(await environment.run("compute.start", in: plugin).failure != nil)
        #expect(try await region.order() == [])
    }

    @Test(
        "A machine that somebody else has terminated fails its start for good, and its place can be taken by a new one")
    func terminated() async throws {
        let region = try await EC2Region.fresh()
        let environment = region.environment()
        #expect(await environment.run("compute.create", in: plugin).value == .null)
        let id = try #require(environment.runtimeProperties["machine_id"]?.stringValue)
        try await region.client().terminate(id)

        let failure = try #require(await environment.run("compute.start", in: plugin).failure)
        #expect(!failure.isRecoverable)
        #expect(failure.message.contains("Machine \(id) was terminated"))
        #expect(await environment.run("compute.get_state", in: plugin).value == false)
        #expect(await environment.run("compute.stop", in: plugin).value == .null)
        #expect(await environment.run("compute.delete", in: plugin).value == .null)
        #expect(environment.runtimeProperties.isEmpty)
        #expect(await environment.run("compute.start", in: plugin).value == .null)
        #expect(environment.runtimeProperties["machine_id"] != .string(id))
    }

    @Test("An endpoint that is busy is asked again later")
    func throttled() async throws {
        let region = try await EC2Region.fresh()
        try await region.order(["throttle": 1])
        let environment = region.environment()
        let failure = try #require(await environment.run("compute.create", in: plugin).failure)
        #expect(failure.isRecoverable)
        #expect(failure.retryAfter == .seconds(10))
        #expect(failure.message.contains("RequestLimitExceeded"))
        #expect(await environment.run("compute.create", in: plugin).value == .null)
    }

    @Test("A wrong key fails the operation for good, and stands in no message")
    func wrongKey() async throws {
        let region = try await EC2Region.fresh()
        let environment = OperationEnvironment(node: "vm", properties: region.properties(secret: "wrong-secret"))
        let failure = try #require(await environment.run("compute.create", in: plugin).failure)
        #expect(!failure.isRecoverable)
        #expect(failure.message.contains("AuthFailure"))
        #expect(!failure.message.contains("wrong-secret"))
    }

    @Test("A machine without an image is refused for good, naming the property")
    func noImage() async throws {
        let region = try await EC2Region.fresh()
        var properties = region.properties()
        properties["image"] = ""
        let environment = OperationEnvironment(node: "vm", properties: properties)
        let failure = try #require(await environment.run("compute.create", in: plugin).failure)
        #expect(!failure.isRecoverable)
        #expect(failure.message.contains("'image'"))
    }

    @Test("An endpoint that is away may be back later")
    func unreachable() async throws {
        let region = try await EC2Region.fresh()
        var properties = region.properties()
        var connection = try #require(properties["connection"]?.objectValue)
        connection["endpoint"] = "http://127.0.0.1:1"
        properties["connection"] = .object(connection)
        let environment = OperationEnvironment(node: "vm", properties: properties)
        #expect(await environment.run("compute.create", in: plugin).failure?.isRecoverable == true)
    }
}
