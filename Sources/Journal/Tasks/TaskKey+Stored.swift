internal import AgentRuntime

extension TaskKey {
    /// The key in eight bytes for the database's index, the same in every process. Different keys may share it.
    var stored: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in taskID.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        for part in [UInt64(bitPattern: Int64(retryNumber)), run] {
            hash = (hash ^ part) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
        }
        return Int64(bitPattern: hash)
    }

    /// The values that tell it from others in its row.
    var values: [SQLiteValue] {
        [.text(taskID), .integer(Int64(retryNumber)), .integer(Int64(bitPattern: run))]
    }

    /// The attempt before this one.
    var previous: TaskKey { TaskKey(taskID: taskID, retryNumber: retryNumber - 1, run: run) }
}
