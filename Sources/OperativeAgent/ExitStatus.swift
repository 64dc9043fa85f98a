/// The exit codes of the command line, by sysexits(3) where one fits.
enum ExitStatus {
    /// The operation failed for good.
    static let failed: Int32 = 1
    /// The operation was cancelled.
    static let cancelled: Int32 = 3
    /// The command line was wrong.
    static let usage: Int32 = 64
    /// What was named does not exist.
    static let noInput: Int32 = 66
    /// The broker or the agent cannot be reached.
    static let unavailable: Int32 = 69
    /// The program is put together wrongly, for instance with two operations of one name.
    static let software: Int32 = 70
    /// A file or directory cannot be made.
    static let cannotCreate: Int32 = 73
    /// It may work later: the operation asks to be tried again, or another agent holds the state directory.
    static let temporaryFailure: Int32 = 75
    /// The user may not do this.
    static let noPermission: Int32 = 77
    /// The configuration is wrong.
    static let configuration: Int32 = 78
}
