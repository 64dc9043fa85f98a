/// How long resident parents live and how many of them there may be.
package struct WarmSettings: Sendable, Hashable {
    /// A parent without an operation for this long ends.
    package var idle: Duration
    /// A parent that has forked this often is replaced.
    package var operations: Int
    /// Parents at one time. Operations of other environments run cold while all of them are at work.
    package var parents: Int
    /// Bytes of resident memory above which a parent is replaced.
    package var memory: Int
    /// How long a parent may take until it can fork: its start, or the import of a module.
    package var importLimit: Duration
    /// How long a parent that imports nothing may take to answer.
    package var answerLimit: Duration
    /// How long an environment runs cold after a verdict against it, or after its parents died one after the other.
    package var verdictLifetime: Duration

    package init(
        idle: Duration = .seconds(600), operations: Int = 1000, parents: Int = 8, memory: Int = 256 << 20,
        importLimit: Duration = .seconds(60), answerLimit: Duration = .seconds(20),
        verdictLifetime: Duration = .seconds(3600)
    ) {
        self.idle = idle
        self.operations = operations
        self.parents = parents
        self.memory = memory
        self.importLimit = importLimit
        self.answerLimit = answerLimit
        self.verdictLifetime = verdictLifetime
    }
}
