internal import NIOCore

/// The connections of one face. Confined to the event loop.
///
/// Those that have not yet proved that they belong to the operation make room for newer ones, so that nobody can keep the operation out
/// by connecting and saying nothing. When all have, further ones wait in the line.
final class Clients {
    private let maximum: Int
    private var strangers: [any Channel] = []
    private var proved: [ObjectIdentifier: any Channel] = [:]
    /// Accepts again.
    var whenThereIsRoom: (() -> Void)?

    init(maximum: Int) { self.maximum = maximum }

    var isFull: Bool { proved.count >= maximum }

    func add(_ channel: any Channel) {
        if strangers.count >= maximum { strangers.removeFirst().close(promise: nil) }
        strangers.append(channel)
    }

    func prove(_ channel: any Channel) {
        strangers.removeAll { $0 === channel }
        proved[ObjectIdentifier(channel)] = channel
    }

    func remove(_ channel: any Channel) {
        strangers.removeAll { $0 === channel }
        guard proved.removeValue(forKey: ObjectIdentifier(channel)) != nil, let accept = whenThereIsRoom else { return }
        whenThereIsRoom = nil
        accept()
    }

    func closeAll() -> [EventLoopFuture<Void>] {
        (strangers + Array(proved.values)).map { channel in
            channel.close(promise: nil)
            return channel.closeFuture
        }
    }
}
