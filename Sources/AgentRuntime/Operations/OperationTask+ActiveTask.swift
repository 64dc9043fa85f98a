internal import AgentProtocol
internal import Operative

extension OperationTask {
    /// The task of one attempt. Nothing of it is read before somebody asks.
    init(_ task: ActiveTask, resume: Bool, preparation: OperationPreparation?) {
        let envelope = task.envelope
        let resume = resume || envelope.resume
        self.init(key: task.key.text, preparation: preparation) {
            envelope.contextValue(resume: resume)
        } input: {
            envelope.dispatchInput(resume: resume)
        }
    }
}
