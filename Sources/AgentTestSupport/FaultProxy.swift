import Foundation
import Glibc
import Synchronization

/// A TCP proxy on loopback that does to connections what networks do. It ends with the process, or with ``close()``.
public final class FaultProxy: Sendable {
    /// Where to cut.
    struct Cut {
        let upstream: Bool
        let position: Int
    }

    private enum Order {
        case reset
        case inject([UInt8])
        case cut(upstream: Bool, after: Int)
        case close
    }

    private struct State {
        var behavior = FaultBehavior()
        var orders: [Order] = []
    }

    /// The port to connect to, on 127.0.0.1.
    public let port: Int
    /// How many connections were accepted.
    public let accepted = Milestone()
    /// How many connections were cut by ``cut(afterUpstream:)`` and ``cut(afterDownstream:)``.
    public let cuts = Milestone()
    private let target: Int
    private let listener: CInt
    private let state = Mutex(State())

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - target: The port on 127.0.0.1 to forward to.
    ///   - behavior: What to do from the beginning.
    public init(to target: Int, _ behavior: FaultBehavior = FaultBehavior()) throws {
        self.target = target
        state.withLock { $0.behavior = behavior }
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isListening else { throw Command.Failure(description: "cannot listen on loopback: errno \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
        let thread = Foundation.Thread { [self] in serve() }
        thread.start()
    }

    /// Changes what is done to all connections, from now on.
    public func set(_ behavior: FaultBehavior) { state.withLock { $0.behavior = behavior } }

    /// Cuts each connection that there is with a reset.
    public func reset() { order(.reset) }

    /// Sends bytes to every client as if the broker had. Only between two frames of the broker.
    public func inject(_ bytes: [UInt8]) { order(.inject(bytes)) }

    /// Cuts the connections that there are, with a reset, when so many more bytes have gone from the client to the broker.
    public func cut(afterUpstream bytes: Int) { order(.cut(upstream: true, after: bytes)) }

    /// Cuts the connections that there are, with a reset, when so many more bytes have gone from the broker to the client.
    public func cut(afterDownstream bytes: Int) { order(.cut(upstream: false, after: bytes)) }

    /// Ends the listening and every connection.
    public func close() { order(.close) }

    private func order(_ order: Order) { state.withLock { $0.orders.append(order) } }

    // MARK: On the proxy's thread

    private func serve() {
        var connections: [(connection: FaultConnection, cut: Cut?)] = []
        while true {
            let (behavior, orders) = state.withLock { state in
                defer { state.orders = [] }
                return (state.behavior, state.orders)
            }
            for order in orders {
                switch order {
                case .reset: for each in connections { each.connection.close(abruptly: true) }
                case .inject(let bytes):
                    for each in connections {
                        each.connection.down.take(bytes, FaultBehavior(), isFromBroker: false, at: .now)
                    }
                case .cut(let upstream, let count):
                    for index in connections.indices {
                        let pipe = upstream ? connections[index].connection.up : connections[index].connection.down
                        connections[index].cut = Cut(upstream: upstream, position: pipe.forwarded + count)
                    }
                case .close:
                    for each in connections { each.connection.close(abruptly: false) }
                    Glibc.close(listener)
                    return
                }
            }
            for each in connections {
                each.connection.read(behavior, at: .now)
                if each.connection.write(behavior, cut: each.cut, at: .now) { cuts.change() }
            }
            connections.removeAll { $0.connection.isClosed }
            wait(connections.map(\.connection))
            if let connection = acceptOne() { connections.append((connection, nil)) }
        }
    }

    /// Sleeps until bytes or a client come, at most a few milliseconds: orders and delays are looked at then.
    private func wait(_ connections: [FaultConnection]) {
        var descriptors = [pollfd(fd: listener, events: CShort(POLLIN), revents: 0)]
        for connection in connections {
            if connection.up.hasRoom {
                descriptors.append(pollfd(fd: connection.client, events: CShort(POLLIN), revents: 0))
            }
            if connection.down.hasRoom {
                descriptors.append(pollfd(fd: connection.broker, events: CShort(POLLIN), revents: 0))
            }
        }
        let isBusy = connections.contains { !$0.up.isEmpty || !$0.down.isEmpty }
        poll(&descriptors, nfds_t(descriptors.count), isBusy ? 1 : 5)
    }

    private func acceptOne() -> FaultConnection? {
        var waiting = pollfd(fd: listener, events: CShort(POLLIN), revents: 0)
        guard poll(&waiting, 1, 0) > 0 else { return nil }
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        let broker = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(port: target)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(broker, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            Glibc.close(client)
            Glibc.close(broker)
            return nil
        }
        accepted.change()
        return FaultConnection(client: client, broker: broker)
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(clamping: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
