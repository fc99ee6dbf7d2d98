import ScopeModel
import ScopeWire

/// ESP or AH that goes one way alone, from the beginning or in the end, as the accounts of two peers tell.
struct Silence {
    /// Of the sender, the SA that was used last.
    let last: IPsecAccount
    /// When the other side's last packet came; nil where none did.
    let lastBack: Instant?
    /// From when on nothing came back.
    let since: Instant
    /// Packets of the sender since then.
    let count: Int
    /// The sender's packets since then are outside the selectors of its SA: why nobody answers them.
    let isOutside: Bool

    var sender: IPAddress { last.source }
    var receiver: IPAddress { last.destination }
    /// Not one packet came back.
    var isNever: Bool { lastBack == nil }

    /// So many packets in a row, or so long, without anything coming back.
    private static let packets = 4
    private static let time: Int64 = 1_000_000_000

    /// Nil where packets go both ways, or too few went to tell.
    init?(_ pair: PairCase) {
        let accounts = pair.accounts.filter { $0.packets > 0 && $0.enclosure.depth == 0 }
        guard let last = accounts.max(by: { $0.lastTime < $1.lastTime }), !last.destination.isMulticast else {
            return nil
        }
        self.last = last
        lastBack = accounts.filter { $0.source == last.destination }.map(\.lastTime).max()
        let own = accounts.filter { $0.source == last.source && $0.destination == last.destination }
        since = lastBack ?? own.map(\.firstTime).min() ?? last.firstTime
        count = lastBack == nil ? own.reduce(0) { $0 + $1.packets } : pair.sentSince(last.destination)
        isOutside = last.outsideSelectors >= count
        // Without a clock, who never sent anything is all that is known.
        guard count >= Self.packets, pair.hasClock ? last.lastTime.since(since) >= Self.time : isNever else {
            return nil
        }
    }

    /// How long it lasts, in the field's form.
    var duration: String { Words.seconds(from: since, to: last.lastTime) }
}
