/// A task as it came, for operations that hand it on to a process of another language.
package struct OperationTask: Sendable {
    /// What the journal calls this attempt: task, retry number and run.
    package let key: String
    /// What the operation's preparation has made; nil when there was none.
    package let preparation: OperationPreparation?

    private let readContext: @Sendable () -> PropertyValue
    private let writeInput: @Sendable () -> [UInt8]

    /// - Parameters:
    ///   - context: reads the task's context, with `resume` as the agent decided it.
    ///   - input: writes the document that ``input`` is.
    package init(
        key: String, preparation: OperationPreparation? = nil, context: @escaping @Sendable () -> PropertyValue,
        input: @escaping @Sendable () -> [UInt8]
    ) {
        self.key = key
        self.preparation = preparation
        readContext = context
        writeInput = input
    }

    /// A task made of its parts.
    package init(
        key: String, context: PropertyValue, arguments: [PropertyValue] = [], inputs: [String: PropertyValue] = [:],
        preparation: OperationPreparation? = nil
    ) {
        self.init(key: key, preparation: preparation) {
            context
        } input: {
            Self.input(context: context, arguments: arguments, inputs: inputs)
        }
    }

    /// The task's context (`__cloudify_context`) as it came, with `resume` as the agent decided it. Contains secrets.
    package var context: PropertyValue { readContext() }

    /// The task as a JSON object with `cloudify_context`, `args` and `kwargs` (Cloudify agent protocol, 9.1). Names, order and numbers are
    /// those of the message. Contains secrets.
    package var input: [UInt8] { writeInput() }

    /// The same with other inputs, in which nothing is left to evaluate.
    package func input(with inputs: [String: PropertyValue]) -> [UInt8] {
        var context = context.objectValue ?? [:]
        context["has_intrinsic_functions"] = false
        return Self.input(context: .object(context), arguments: [], inputs: inputs)
    }

    private static func input(
        context: PropertyValue, arguments: [PropertyValue], inputs: [String: PropertyValue]
    ) -> [UInt8] {
        PropertyValue.object(["cloudify_context": context, "args": .array(arguments), "kwargs": .object(inputs)]).json
    }
}
