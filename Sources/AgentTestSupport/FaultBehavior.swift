/// What a ``FaultProxy`` does to the bytes that pass.
public struct FaultBehavior: Sendable {
    /// How long each piece is held back, in both directions.
    public var latency = Duration.zero
    /// Bytes per second in each direction; nil: as many as come.
    public var bytesPerSecond: Int?
    /// The most bytes that are written at once; each piece is a packet of its own. Nil: what there is.
    public var sliceSize: Int?
    /// Nothing goes on in either direction, what comes is thrown away, and nobody is told: not even of an end.
    public var swallowsAll = false
    /// How many frames of the broker reach each client before it hears no more. Of a login there are three: start, tune, open-ok.
    public var brokerFrames: Int?

    /// Forwards everything as it comes.
    public init() {}

    /// Forwards with what `change` says.
    public init(_ change: (inout FaultBehavior) -> Void) {
        change(&self)
    }
}
