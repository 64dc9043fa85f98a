internal import NIOCore

/// The connections of one face. Confined to the event loop.
///
/// Those that have not yet proved that they belong to the operation make room for newer ones, so that nobody can keep the operation out
/// by connecting and saying nothing; each has a moment to prove it before. When all have, further ones wait in the line.
final class Clients {
    private let maximum: Int
    private let moment: TimeAmount
    private let loop: any EventLoop
    private var strangers: [(channel: any Channel, due: NIODeadline)] = []
    private var proved: [ObjectIdentifier: any Channel] = [:]
    /// Accepts the next one.
    private var accept: (() -> Void)?

    init(maximum: Int, moment: TimeAmount, loop: any EventLoop) {
        self.maximum = maximum
        self.moment = moment
        self.loop = loop
    }

    /// Calls `accept` once, when there is room for one more.
    func whenThereIsRoom(_ accept: @escaping () -> Void) {
        self.accept = accept
        makeRoom()
    }

    func add(_ channel: any Channel) {
        if strangers.count >= maximum { strangers.removeFirst().channel.close(promise: nil) }
        strangers.append((channel, .now() + moment))
    }

    func prove(_ channel: any Channel) {
        strangers.removeAll { $0.channel === channel }
        proved[ObjectIdentifier(channel)] = channel
        makeRoom()
    }

    func remove(_ channel: any Channel) {
        strangers.removeAll { $0.channel === channel }
        proved.removeValue(forKey: ObjectIdentifier(channel))
        makeRoom()
    }

    func closeAll() -> [EventLoopFuture<Void>] {
        (strangers.map(\.channel) + Array(proved.values)).map { channel in
            channel.close(promise: nil)
            return channel.closeFuture
        }
    }

    private func makeRoom() {
        guard proved.count < maximum, let accept else { return }
        if strangers.count >= maximum, let oldest = strangers.first, oldest.due > .now() {
            loop.assumeIsolated().scheduleTask(deadline: oldest.due) { [weak self] in self?.makeRoom() }
            return
        }
        self.accept = nil
        accept()
    }
}
