/// What became of commands that were to be written together.
struct JournalWriteResult: Sendable {
    /// Why the journal cannot be written at present; nil when it can.
    var error: SQLiteError?
    var written: [JournalCommand] = []
    /// Of commands that had to be tried one by one: why each was not written, nil when it was.
    private var answers: [ObjectIdentifier: SQLiteError?] = [:]
    /// Why some commands can never be written.
    private(set) var refusals: [SQLiteError] = []

    init(error: SQLiteError? = nil, written: [JournalCommand] = []) {
        self.error = error
        self.written = written
    }

    mutating func noteWritten(_ command: JournalCommand) {
        written.append(command)
        answers.updateValue(nil, forKey: ObjectIdentifier(command))
    }

    mutating func noteRefused(_ command: JournalCommand, _ error: SQLiteError) {
        refusals.append(error)
        answers.updateValue(error, forKey: ObjectIdentifier(command))
    }

    /// What whoever waits for the command is told: nil when it was written.
    func answer(to command: JournalCommand) -> SQLiteError? {
        guard !answers.isEmpty, let answer = answers[ObjectIdentifier(command)] else { return error }
        return answer
    }
}
