/// One logged-in connection, from its login to its end. Confined to the connection's thread.
final class Session {
    let endpoint: AMQPEndpoint
    let transport: Transport
    var writer: FrameWriter
    var input: InputBuffer
    var decoder = MethodDecoder()
    let splitter: FrameSplitter
    var heartbeat: HeartbeatMonitor
    /// By channel number; number 0 is the connection itself and never used.
    private(set) var channels: [Channel?] = [nil]
    private let channelMax: Int
    private let maximumMessageBytes: Int

    /// Whether the topology is declared and consumers may start.
    var isReady = false
    /// The broker's reason for taking no messages, nil while it takes them.
    var blockedReason: String?
    /// Why it ended; nil while it lives.
    var failure: AMQPError?
    /// Whether our close is on its way.
    var isClosing = false
    let ended = Signal()
    /// Channels with acknowledgements to write.
    var settledChannels: [Channel] = []
    /// Consumers with deliveries to hand over.
    var filledConsumers: [ConsumerSlot] = []
    /// Whether bytes wait although the socket took no more.
    var isCongested = false
    /// Calls that wait for an answer.
    var openCalls = 0

    init(_ transport: Transport, endpoint: AMQPEndpoint, maximumMessageBytes: Int, now: MonotonicTime) {
        self.endpoint = endpoint
        self.transport = transport
        let frameMax = transport.handle.frameMax
        writer = FrameWriter(frameMax: frameMax)
        input = InputBuffer(capacity: max(frameMax * 2, 256 << 10))
        splitter = FrameSplitter(frameMax: frameMax)
        heartbeat = HeartbeatMonitor(seconds: transport.handle.heartbeat, now: now)
        let limit = transport.handle.channelMax
        channelMax = limit > 0 ? limit : 65_535
        self.maximumMessageBytes = maximumMessageBytes
    }

    /// A channel with a number that nobody uses; nil when there is none left.
    func addChannel(generation: UInt64, role: Channel.Role) -> Channel? {
        var number = 1
        while number < channels.count, channels[number] != nil { number += 1 }
        guard number <= channelMax, let short = UInt16(exactly: number) else { return nil }
        let channel = Channel(
            number: short, generation: generation, role: role, maximumMessageBytes: maximumMessageBytes)
        if number == channels.count { channels.append(channel) } else { channels[number] = channel }
        return channel
    }

    /// Frees the number of a channel.
    func removeChannel(_ channel: Channel) {
        let number = Int(channel.number)
        if number < channels.count, channels[number] === channel { channels[number] = nil }
    }

    func channel(_ number: UInt16) -> Channel? {
        let number = Int(number)
        return number < channels.count ? channels[number] : nil
    }

    /// The earliest deadline of a call that waits.
    var nextCallDeadline: MonotonicTime? {
        guard openCalls > 0 else { return nil }
        return channels.lazy.compactMap { $0?.calls.first?.deadline }.min()
    }

    /// Hands the socket as much as it takes.
    ///
    /// - Returns: Why the connection broke, or nil.
    func flush(at now: MonotonicTime) -> AMQPError? {
        var failure: AMQPError?
        isCongested = false
        while writer.output.count > 0, failure == nil, !isCongested {
            unsafe writer.output.drain { bytes in
                switch unsafe transport.handle.send(bytes) {
                case .moved(let count):
                    heartbeat.sent(at: now)
                    return count
                case .wouldBlock: isCongested = true
                case .failed(let error): failure = error
                }
                return 0
            }
        }
        return failure
    }
}
