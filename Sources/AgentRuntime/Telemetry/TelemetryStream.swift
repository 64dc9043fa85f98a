internal import Synchronization

/// Numbers the attempts of operations, so that records of different attempts are not taken for each other, also when they meet in the spool of a later process.
enum TelemetryStream {
    private static let start = UInt64.random(in: 0 ... .max)
    private static let count = Atomic<UInt64>(0)

    static func next() -> UInt64 {
        start &+ count.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
