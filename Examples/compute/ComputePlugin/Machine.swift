internal import FoundationEssentials
internal import Operative

/// The machine of one node instance. What is known of it is in the instance's runtime properties.
struct Machine {
    private let ctx: OperationContext
    private let settings: MachineSettings
    private let client: EC2Client

    init(_ ctx: OperationContext) async throws {
        self.ctx = ctx
        settings = try MachineSettings(try await ctx.node.properties)
        client = EC2Client(connection: settings.connection)
    }

    /// Asks for the machine, unless that was done before.
    func create() async throws {
        try await decidingErrors { _ = try await requested() }
    }

    /// Comes back until the machine runs, then stores its addresses.
    func start() async throws {
        try await decidingErrors {
            let id = try await requested()
            guard let machine = try await client.machine(id) else {
                // What was just made is not known everywhere yet.
                try retry("Machine \(id) is not known to the endpoint yet")
            }
            try await note(machine)
            switch machine.state.name {
            case "running":
                break
            case "stopped":
                try await client.start(id)
                try retry("Machine \(id) is being started again")
            case _ where machine.state.isGone:
                let reason = machine.reason?.message.map { ": \($0)" } ?? ""
                throw NonRecoverableError("Machine \(id) was terminated by somebody else\(reason)")
            default:
                try retry("Machine \(id) is \(machine.state.name)")
            }
            try await storeAddresses(of: machine)
        }
    }

    /// Whether the machine runs.
    func isRunning() async throws -> Bool {
        try await decidingErrors {
            guard let id = try await property("machine_id"), let machine = try await client.machine(id) else {
                return false
            }
            try await note(machine)
            return machine.state.name == "running"
        }
    }

    /// Stops the machine and comes back until it has stopped.
    func stop() async throws {
        try await decidingErrors {
            guard let id = try await property("machine_id"), let machine = try await client.machine(id),
                !machine.state.isGone, machine.state.name != "stopped"
            else { return try await forget(["ip", "networks"]) }
            try await note(machine)
            if machine.state.name != "stopping" { try await client.stop(id) }
            try retry("Machine \(id) is being stopped")
        }
    }

    /// Terminates the machine and comes back until it is gone. A machine of which nobody knows the id is looked for first.
    func delete() async throws {
        try await decidingErrors {
            if let machine = try await known(), machine.state.name != "terminated" {
                if !machine.state.isGone { try await client.terminate(machine.id) }
                try await note(machine)
                try retry("Machine \(machine.id) is being terminated")
            }
            try await forget(["machine_id", "machine_token", "state", "ip", "networks"])
        }
    }

    // MARK: The request

    /// The id of the machine; asks for one when there is none.
    ///
    /// The token is saved before the request. Whatever happens between the request and the saved id, the next attempt has the token: it finds
    /// the machine by it, and should the endpoint not show it yet, the same token makes the endpoint answer with the same machine.
    private func requested() async throws -> String {
        if let id = try await property("machine_id") { return id }
        let machine: EC2Machine
        if let token = try await property("machine_token") {
            if let found = try await client.machine(withToken: token) {
                ctx.logger.info("Found the machine of an interrupted attempt", metadata: ["machine": "\(found.id)"])
                machine = found
            } else {
                machine = try await client.requestMachine(settings, name: try ctx.instance.id, token: token)
            }
        } else {
            let token = UUID().uuidString.lowercased()
            try await ctx.instance.modifyRuntimeProperties { $0["machine_token"] = .string(token) }
            try await ctx.instance.update()
            machine = try await client.requestMachine(settings, name: try ctx.instance.id, token: token)
        }
        try await ctx.instance.modifyRuntimeProperties { $0["machine_id"] = .string(machine.id) }
        try await note(machine)
        try await ctx.instance.update()
        ctx.sendEvent("Machine \(machine.id) requested")
        return machine.id
    }

    /// The machine by its id, else by its token; nil when there is none.
    private func known() async throws -> EC2Machine? {
        if let id = try await property("machine_id") { return try await client.machine(id) }
        guard let token = try await property("machine_token") else { return nil }
        return try await client.machine(withToken: token)
    }

    // MARK: Properties

    private func property(_ key: String) async throws -> String? {
        try await ctx.instance.runtimeProperties[key]?.stringValue
    }

    private func note(_ machine: EC2Machine) async throws {
        try await ctx.instance.modifyRuntimeProperties { $0["state"] = .string(machine.state.name) }
    }

    private func forget(_ keys: [String]) async throws {
        try await ctx.instance.modifyRuntimeProperties { properties in
            for key in keys { properties[key] = nil }
        }
    }

    /// `ip` is how the machine is reached, `networks` has its addresses by the network that they belong to.
    private func storeAddresses(of machine: EC2Machine) async throws {
        let address = settings.usesPublicAddress ? machine.publicAddress : machine.privateAddress
        guard let address, !address.isEmpty else {
            try retry("Machine \(machine.id) runs and has no address yet")
        }
        var networks: [String: PropertyValue] = [:]
        if let own = machine.privateAddress, !own.isEmpty {
            networks[machine.subnet ?? "default"] = [.string(own)]
        }
        try await ctx.instance.modifyRuntimeProperties { properties in
            properties["ip"] = .string(address)
            properties["networks"] = .object(networks)
        }
        ctx.sendEvent("Machine \(machine.id) runs at \(address)")
    }

    // MARK: Outcomes

    private func retry(_ message: String) throws -> Never {
        try ctx.operation.retry(after: settings.poll, message: message)
    }

    /// Turns what the endpoint refuses into an error that says whether trying again can help.
    private func decidingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as EC2Error {
            throw error.outcome
        }
    }
}
