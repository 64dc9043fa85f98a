import Glibc

/// A client, the broker, and what is on its way between them. Confined to the proxy's thread.
final class FaultConnection {
    let client: CInt
    let broker: CInt
    var up = FaultPipe()
    var down = FaultPipe()
    /// Ends that have closed their side.
    private var endedSides = 0
    private(set) var isClosed = false

    init(client: CInt, broker: CInt) {
        self.client = client
        self.broker = broker
        for socket in [client, broker] {
            _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
            var one: CInt = 1
            setsockopt(socket, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        }
    }

    /// Reads what there is, from both sides.
    func read(_ behavior: FaultBehavior, at now: ContinuousClock.Instant) {
        if !isClosed, up.hasRoom { read(client, into: &up, behavior, isFromBroker: false, at: now) }
        if !isClosed, down.hasRoom { read(broker, into: &down, behavior, isFromBroker: true, at: now) }
        // In silence nobody hears of the other's end.
        if endedSides > 0, !behavior.swallowsAll, up.isEmpty, down.isEmpty { close(abruptly: false) }
    }

    /// Writes what is due, to both sides.
    ///
    /// - Parameter cut: after how many more bytes to cut the connection, and in which direction.
    /// - Returns: true when it was cut.
    func write(_ behavior: FaultBehavior, cut: FaultProxy.Cut?, at now: ContinuousClock.Instant) -> Bool {
        guard !isClosed else { return false }
        if behavior.swallowsAll {
            up.drop()
            down.drop()
        }
        up.flush(behavior, limit: cut.flatMap { $0.upstream ? max(0, $0.position - up.forwarded) : nil }, at: now) {
            send($0, to: broker)
        }
        down.flush(behavior, limit: cut.flatMap { $0.upstream ? nil : max(0, $0.position - down.forwarded) }, at: now) {
            send($0, to: client)
        }
        guard let cut, (cut.upstream ? up : down).forwarded >= cut.position else { return false }
        close(abruptly: true)
        return true
    }

    /// Ends the connection on both sides: with a reset, or with the usual farewell.
    func close(abruptly: Bool) {
        guard !isClosed else { return }
        isClosed = true
        for socket in [client, broker] {
            if abruptly {
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            }
            Glibc.close(socket)
        }
    }

    private func read(
        _ socket: CInt, into pipe: inout FaultPipe, _ behavior: FaultBehavior, isFromBroker: Bool,
        at now: ContinuousClock.Instant
    ) {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(socket, &bytes, bytes.count, 0)
        if count > 0 {
            pipe.take(Array(bytes.prefix(count)), behavior, isFromBroker: isFromBroker, at: now)
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            endedSides += 1
        }
    }

    private func send(_ bytes: ArraySlice<UInt8>, to socket: CInt) -> Int? {
        let count = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        return count > 0 ? count : nil
    }
}
