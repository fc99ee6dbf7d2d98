import ScopeDissect
import ScopeModel
import ScopeWire

/// The SAs as the events up to now left them (the Security Association Database of RFC 4301 section 4.4.2): a fold, which
/// can be asked at any moment, also while a capture runs.
public struct SADatabase: RunState, Sendable {
    /// How many SAs are kept, and what they may hold in bytes; of more, those go first that are dead or only claimed, then
    /// those that were used least lately.
    package struct Bounds: Sendable {
        package var ike = 4096
        package var ikeBytes = 8 << 20
        /// Pairs, and SAs that only their packets show.
        package var children = 16_384
        package var childBytes = 32 << 20

        package init() {}
    }

    private var ikev2 = IKEv2Places()
    /// The time of the last event.
    package private(set) var now: Instant?
    private var ledgers: SALedgers
    /// Where the last packets' records are, by the low bits of their account: most packets need no look-up.
    private var recent = InlineArray<64, Place>(repeating: Place())

    private struct Place: Sendable {
        var account = 0
        var slot = 0
        /// Who the packets go to.
        var role = Role.initiator
        /// Packets since the table was told of its use.
        var uses = 0
    }

    public init() { self.init(bounds: Bounds()) }

    package init(bounds: Bounds) {
        ledgers = SALedgers(bounds: bounds, packets: true)
    }

    /// SAs that went because of the bounds.
    package var forgotten: Int { ledgers.ike.forgotten + ledgers.children.forgotten }

    /// By their ids.
    package var ikeRecords: [IKERecord] { ledgers.ike.inOrder }
    package var childRecords: [ChildRecord] { ledgers.children.inOrder }

    /// The SAs at `time`, which is not before the last event, as the device of `view` sees them.
    package func standing(at time: Instant, for view: View) -> Snapshot {
        Snapshot(
            ike: ikeRecords, children: childRecords, ikev2: ikev2, forgotten: forgotten, device: Device(view), now: time
        )
    }

    /// Takes in the next event.
    public mutating func take(_ event: Event) { take(event) { _ in } }

    /// Takes in the next event; `tell` is given what it changes.
    package mutating func fold(_ event: Event, tell: ChangeReceiver) { take(event, tell: tell) }

    /// Inlined, so that nothing is handed on with each packet where nobody asks for changes.
    @inline(__always)
    private mutating func take(_ event: Event, tell: ChangeReceiver) {
        if now.map({ $0 < event.time }) ?? true { now = event.time }
        switch event.kind {
        case .esp(let packet):
            if case .sighting = packet.repetition { return }
            let index = packet.account & 63
            if recent[index].account != packet.account {
                let label = PacketLabel(
                    spi: packet.spi, isAH: false, source: packet.source, destination: packet.destination)
                find(label, packet.account, event, tell: tell)
            }
            let place = use(index)
            ledgers.children.update(place.slot) {
                $0.last = event.time
                $0.add(packet, to: place.role)
            }
        case .ah(let packet):
            if case .sighting = packet.repetition { return }
            let index = packet.account & 63
            if recent[index].account != packet.account {
                let label = PacketLabel(
                    spi: packet.spi, isAH: true, source: packet.source, destination: packet.destination)
                find(label, packet.account, event, tell: tell)
            }
            let place = use(index)
            ledgers.children.update(place.slot) {
                $0.last = event.time
                $0.add(packet, to: place.role)
            }
        case .ikeMessage(let message):
            if message.step.version == .v2 { ikev2.note(message) }
            ledgers.fold(message, at: event, tell: tell)
        case .ipsecSAs(let pair):
            ledgers.fold(pair, at: event, tell: tell)
            forgetPlaces()
        case .ikeFragment, .natKeepalive, .icmpError, .ikeKeys, .malformed, .cut, .reassembly, .captureLoss, .comment,
            .evicted, .ipsecAccount, .clearTraffic, .unusedKey:
            break
        }
    }

    // MARK: Packets

    /// So many packets of one SA go by before it counts as used again.
    private static let usesAtOnce = 256

    /// The place of a packet whose record is at hand.
    @inline(__always)
    private mutating func use(_ index: Int) -> Place {
        recent[index].uses += 1
        if recent[index].uses >= Self.usesAtOnce {
            recent[index].uses = 0
            ledgers.children.touch(recent[index].slot)
        }
        return recent[index]
    }

    /// Has the record of a packet at hand, which came under another account than the last one at its index.
    @inline(never)
    private mutating func find(_ packet: PacketLabel, _ account: Int, _ event: Event, tell: ChangeReceiver) {
        let before = ledgers.children.additions
        let found = ledgers.children.find(packet, Moment(event), tell: tell)
        if ledgers.children.additions != before { forgetPlaces() }
        // The packet itself is not counted as a use: the look-up was one.
        recent[account & 63] = Place(account: account, slot: found.slot, role: found.role, uses: -1)
    }

    /// What was added may have another record's slot now.
    private mutating func forgetPlaces() {
        recent = InlineArray(repeating: Place())
    }
}
