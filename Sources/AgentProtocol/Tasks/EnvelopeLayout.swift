/// Where the parts of a task's body lie that are decoded later or replaced when the task is sent again.
struct EnvelopeLayout: Sendable, Hashable {
    /// The opening brace of the inputs.
    let kwargs: Int
    /// The opening brace of the context.
    let context: Int
    /// The value of `operation` in the context.
    var operation: Range<Int>?
    /// Whether that value is an object.
    var operationIsObject = false
    /// The value of `retry_number` in the operation.
    var retryNumber: Range<Int>?
    /// The value of `resume` in the context.
    var resume: Range<Int>?

    init(kwargs: Int, context: Int) {
        self.kwargs = kwargs
        self.context = context
    }
}
