/// The inputs of one run, not decoded before somebody asks.
package struct OperationInputs: Sendable {
    private let read: @Sendable () throws -> [String: PropertyValue]

    package init(_ load: @escaping @Sendable () throws -> [String: PropertyValue]) {
        read = load
    }

    /// The inputs by name.
    package func load() throws -> [String: PropertyValue] { try read() }

    /// The inputs as the author's own type.
    ///
    /// - Throws: ``NonRecoverableError`` naming the input, since the same inputs would be wrong again.
    func decode<Inputs: Decodable>(as type: Inputs.Type) throws -> Inputs {
        do {
            return try PropertyValue.object(load()).decode(as: type)
        } catch let error as DecodingError {
            let (path, problem) = error.details
            let subject = path.isEmpty ? "the inputs do not fit" : "input '\(path)'"
            throw NonRecoverableError("\(subject): \(problem)")
        } catch let error as JSONError {
            throw NonRecoverableError("the inputs cannot be read: \(error)")
        }
    }
}
