import ScopeModel

/// Openers of one ESP SA, one for each thread, for packets whose turn has not come yet.
final class OpeningLane: Sendable {
    nonisolated(unsafe) let openers: [any ESPOpener]

    /// Nil when the packets of the SA have to be opened in their order.
    init?(_ opener: any ESPOpener, jobs: Int) {
        var openers: [any ESPOpener] = []
        while openers.count < jobs {
            guard let twin = opener.twin() else { return nil }
            openers.append(twin)
        }
        self.openers = openers
    }
}

/// A packet that was opened before its turn came: it counts as long as its SA still has the lane that opened it.
///
/// Its block holds what it refers to: counting references that other threads use costs more than opening a short packet.
struct OpenedAhead {
    var lane: Unmanaged<OpeningLane>
    var opening: ESPOpening
    var plaintext: Unmanaged<PlaintextBuffer>

    func isBy(_ other: Unmanaged<OpeningLane>?) -> Bool { lane.toOpaque() == other?.toOpaque() }
}

/// Gives the busiest SAs a lane each; bounded, the oldest go first.
struct OpeningLanes {
    private let jobs: Int
    private var places: [Int] = []
    private var next = 0

    private static let most = 256
    /// So many packets of an SA show that making openers for it is worth while.
    private static let packets = 16

    init(jobs: Int) { self.jobs = jobs }

    var isUsed: Bool { !places.isEmpty }

    /// Called with each packet that was opened in its turn.
    @inline(__always)
    mutating func consider(
        _ opener: any ESPOpener, _ opening: ESPOpening, _ slots: inout [Accounts.Slot], _ place: Int
    ) {
        guard jobs > 1, slots[place].lane == nil, slots[place].account.packets % Self.packets == Self.packets - 1 else {
            return
        }
        switch opening.verdict {
        case .verified, .unverified: give(opener, &slots, place)
        case .noKey, .badICV, .malformed, .cut: break
        }
    }

    private mutating func give(_ opener: any ESPOpener, _ slots: inout [Accounts.Slot], _ place: Int) {
        guard let lane = OpeningLane(opener, jobs: jobs) else { return }
        if places.count < Self.most {
            places.append(place)
        } else {
            slots[places[next]].lane = nil
            places[next] = place
            next = (next + 1) % Self.most
        }
        slots[place].lane = lane
    }
}
