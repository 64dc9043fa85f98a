public import Operative

extension ManagerClient {
    /// A node of a deployment: `GET /nodes`.
    ///
    /// - Parameters:
    ///   - id: Its name in the blueprint.
    ///   - deployment: The deployment.
    ///   - instance: The instance for which `SELF` in functions stands; `nil` when there is none.
    /// - Throws: ``ManagerError`` with ``ManagerError/Reason/notFound`` when the deployment has no such node.
    public func node(
        _ id: String, deployment: String, instance: String? = nil
    ) async throws(ManagerError) -> NodeRecord {
        var request = ManagerRequest.api(.get, "nodes")
        request.query = [("deployment_id", deployment), ("id", id), ("_evaluate_functions", flag(true))]
        if let instance { request.query.append(("_instance_context", instance)) }
        guard let first = try await items(request).first else {
            throw ManagerError(
                .notFound, message: "deployment '\(deployment)' has no node '\(id)'", request: request.summary)
        }
        return try NodeRecord(first)
    }

    /// A node instance, with its functions evaluated: `GET /node-instances/<id>`.
    public func nodeInstance(_ id: String) async throws(ManagerError) -> NodeInstanceRecord {
        try await nodeInstance(id, evaluatesFunctions: true)
    }

    /// Replaces all runtime properties of an instance: `PATCH /node-instances/<id>`.
    ///
    /// When the answer to an earlier attempt was lost, a conflict is looked into: if the manager has exactly what was sent, with
    /// the version that follows, the update was this one.
    ///
    /// - Parameters:
    ///   - properties: All of them.
    ///   - id: The instance.
    ///   - version: The one that was fetched.
    ///   - state: The one that was fetched; the manager sets it.
    ///   - force: Whether to replace also what somebody else stored meanwhile.
    /// - Returns: The instance as it is now.
    /// - Throws: ``ManagerError`` with ``ManagerError/Reason/conflict`` when somebody else was faster.
    public func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of id: String, version: Int, state: String?, force: Bool = false
    ) async throws(ManagerError) -> NodeInstanceRecord {
        var members: [String: PropertyValue] = [
            "version": .integer(version), "runtime_properties": .object(properties),
        ]
        if let state { members["state"] = .string(state) }
        var request = writing(members, .api(.patch, "node-instances", try checked(id, as: "instance id")))
        if force { request.query = [("force", flag(true))] }
        let exchange = await exchange(request)
        do throws(ManagerError) {
            return try NodeInstanceRecord(
                RecordFields(try exchange.result.get().json(request), request.summary))
        } catch {
            guard error.reason == .conflict, exchange.wasUncertain else { throw error }
            let stored = try await nodeInstance(id, evaluatesFunctions: false)
            guard stored.version == version + 1, stored.runtimeProperties == properties else { throw error }
            return stored
        }
    }

    /// Evaluates functions such as `get_property` within a value: `POST /evaluate/functions`.
    ///
    /// - Throws: ``ManagerError`` with the code `functions_evaluation_error` when one cannot be evaluated.
    public func evaluateFunctions(
        in payload: [String: PropertyValue], for subject: EvaluationSubject, deployment: String
    ) async throws(ManagerError) -> [String: PropertyValue] {
        let members: [String: PropertyValue] = [
            "deployment_id": .string(deployment), "context": .object(subject.members), "payload": .object(payload),
        ]
        let answer = try await fields(writing(members, .api(.post, "evaluate", "functions")))
        return try answer.object("payload")
    }

    private func nodeInstance(
        _ id: String, evaluatesFunctions: Bool
    ) async throws(ManagerError) -> NodeInstanceRecord {
        var request = ManagerRequest.api(.get, "node-instances", try checked(id, as: "instance id"))
        request.query = [("_evaluate_functions", flag(evaluatesFunctions))]
        return try NodeInstanceRecord(try await fields(request))
    }
}
