/// Keys whose cipher key is scheduled while they are used, and can be scheduled again.
protocol Awakened: AnyObject {
    /// It is among the `AwakeKeys`.
    var isCounted: Bool { get set }
    /// Lets go of the scheduled cipher key.
    func rest()
}

/// The keys whose cipher key is scheduled.
///
/// Those used longest ago rest, for most SAs of a long capture are idle.
struct AwakeKeys {
    private struct Entry {
        weak var keys: (any Awakened)?
    }

    private var entries: [Entry] = []
    private var next = 0
    private static let most = 512

    /// Notes keys that are about to be used.
    mutating func add(_ keys: any Awakened) {
        guard !keys.isCounted else { return }
        keys.isCounted = true
        if entries.count < Self.most {
            entries.append(Entry(keys: keys))
        } else {
            entries[next].keys?.rest()
            entries[next] = Entry(keys: keys)
            next = (next + 1) % Self.most
        }
    }
}
