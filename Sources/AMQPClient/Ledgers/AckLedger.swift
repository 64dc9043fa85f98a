internal import AgentSabotage
import DequeModule

/// Turns acknowledgements in any order into as few frames as possible.
///
/// Delivery tags of a channel count up from one. A frame with `multiple` settles every tag up to its own, so it may only go as
/// far as every tag below is due. What is due beyond a gap is settled one by one.
struct AckLedger {
    /// A frame to send.
    enum Action: Equatable {
        case acknowledge(tag: UInt64, multiple: Bool)
        case reject(tag: UInt64, requeue: Bool)
    }

    private enum TagState: UInt8 {
        case open, due, settled
    }

    /// Every tag up to and including this one is settled.
    private var floor: UInt64 = 0
    /// The states of the tags above the floor, in order.
    private var window: Deque<TagState> = []
    /// Due tags that no action has covered yet, in the order in which they became due.
    private var fresh: [UInt64] = []
    private var rejections: [Action] = []

    /// Delivered messages that are neither acknowledged nor rejected.
    private(set) var openCount = 0

    /// Notes a delivery. A tag that does not follow the last one is refused: it would make `multiple` settle what nobody has seen.
    mutating func delivered(_ tag: UInt64) -> Bool {
        guard tag == floor &+ UInt64(window.count) &+ 1 else { return false }
        window.append(.open)
        openCount += 1
        return true
    }

    /// Marks a tag as due. A tag that is unknown or was already settled is ignored.
    mutating func acknowledge(_ tag: UInt64) {
        guard settle(tag, as: .due) else { return }
        fresh.append(tag)
    }

    /// Rejects a tag. A tag that is unknown or was already settled is ignored.
    mutating func reject(_ tag: UInt64, requeue: Bool) {
        guard settle(tag, as: .settled) else { return }
        rejections.append(.reject(tag: tag, requeue: requeue))
    }

    /// Hands every action that is possible now to `perform`, rejections first.
    ///
    /// Rejections come first because a rejected tag lets `multiple` pass over it.
    mutating func flush(_ perform: (Action) -> Void) {
        if !rejections.isEmpty {
            for action in rejections { perform(action) }
            rejections.removeAll(keepingCapacity: true)
        }
        var highest: UInt64 = 0
        var covered = 0
        while let state = window.first, state != .open {
            window.removeFirst()
            floor &+= 1
            if state == .due {
                highest = floor
                covered += 1
            }
        }
        guard !fresh.isEmpty else { return }
        if covered > 0 { perform(.acknowledge(tag: highest, multiple: covered > 1)) }
        if covered < fresh.count {
            for tag in fresh where tag > floor {
                window[Int(tag &- floor &- 1)] = .settled
                perform(.acknowledge(tag: tag, multiple: Sabotage.isOn(.acknowledgeBeyondGap)))
            }
        }
        fresh.removeAll(keepingCapacity: true)
    }

    private mutating func settle(_ tag: UInt64, as state: TagState) -> Bool {
        guard tag > floor, tag &- floor <= UInt64(window.count) else { return false }
        let index = Int(tag &- floor &- 1)
        guard window[index] == .open else { return false }
        window[index] = state
        openCount -= 1
        return true
    }
}
