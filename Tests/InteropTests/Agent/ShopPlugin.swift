import Operative

/// What the workflow engine runs: an application and its database, as in `engine/blueprint.yaml`.
struct ShopPlugin: Plugin {
    static let name = "shop"
    static let version = "1.0.0"

    var operations: [Operation] {
        Operation("shop.lifecycle", inputs: [String: PropertyValue].self) { ctx, inputs in
            try await Self.run(ctx, inputs)
        }
        // Asks for two more attempts, and says at which one it is.
        Operation("shop.configure", inputs: [String: PropertyValue].self) { ctx, inputs in
            try await ctx.instance.modifyRuntimeProperties { properties in
                let before = properties["attempts"]?.arrayValue ?? []
                properties["attempts"] = .array(before + [.integer(ctx.operation.retryNumber)])
            }
            guard ctx.operation.retryNumber >= 2 else {
                ctx.logger.info("attempt \(ctx.operation.retryNumber): not ready")
                try ctx.operation.retry(after: .milliseconds(100), message: "not ready yet")
            }
            return try await Self.run(ctx, inputs)
        }
        // Each end notes the other one.
        Operation("shop.link", inputs: [String: PropertyValue].self) { ctx, _ in
            let (source, target) = (try ctx.source.instance, try ctx.target.instance)
            let step = Self.step(ctx)
            ctx.logger.info("\(step) of \(source.id) and \(target.id)")
            let end = ctx.operation.relationshipSide == .source ? source : target
            let other = ctx.operation.relationshipSide == .source ? target : source
            try await end.modifyRuntimeProperties { properties in
                properties["linked_to"] = step == "unlink" ? nil : .string(other.id)
            }
            ctx.sendEvent("\(step): noted at \(end.id)")
        }
        // Runs until it is cancelled.
        Operation("shop.forever") { ctx in
            ctx.logger.info("waiting for ever")
            ctx.sendEvent("waiting")
            try await Task.sleep(for: .seconds(3600))
        }
        Operation("shop.nothing") { _ in }
        // Long enough that an outage meets many of them.
        Operation("shop.write", inputs: [String: PropertyValue].self) { ctx, inputs in
            let lines = inputs["lines"]?.intValue ?? 1
            let pause = inputs["pause"]?.intValue ?? 0
            for line in 0..<lines {
                ctx.logger.info("line \(line)")
                try await Task.sleep(for: .milliseconds(pause))
            }
            return ["lines": lines]
        }
    }

    private static func run(
        _ ctx: OperationContext, _ inputs: [String: PropertyValue]
    ) async throws -> [String: PropertyValue] {
        let step = step(ctx)
        let id = try ctx.instance.id
        ctx.logger.debug("inputs: \(inputs.keys.sorted().joined(separator: ", "))")
        ctx.logger.info("\(step) \(id)")
        ctx.sendEvent("\(step) has begun")
        try await ctx.instance.modifyRuntimeProperties { properties in
            let before = properties["steps"]?.arrayValue ?? []
            properties["steps"] = .array(before + [.string(step)])
            if !inputs.isEmpty { properties["inputs_of_\(step)"] = .object(inputs) }
        }
        ctx.logger.warning("\(step) is over")
        return ["step": .string(step)]
    }

    /// Such as `create`.
    private static func step(_ ctx: OperationContext) -> String {
        ctx.operation.name.split(separator: ".").last.map(String.init) ?? ""
    }
}
