import ScopeDissect
import ScopeModel
import ScopeWire

/// What the transcript remembers of one IKE SA at one device: its own words, not facts of the tracker.
///
/// A device prints its verdict on a message before its answer. The capture tells the verdict only by the answer, so
/// these lines are held back until then.
final class SAMemory {
    /// Message 1 as the responder took it: the vendor ids are walked a second time after the choice.
    var heldVendorIDs: [VendorIDLines]?
    /// Message 1 of Aggressive Mode, until the responder answers it.
    var heldOffer: PayloadChain?
    /// Transactions by message id, and whether they are about XAUTH: an empty acknowledgement does not tell.
    private var transactions: [(id: UInt32, isXAUTH: Bool)] = []
    /// Frames of the message that the held lines belong to.
    var heldFrames: [Int] = []
    /// Message 5 decrypted, until the responder answers it.
    var heldProof: HeldProof?
    /// Quick Modes that await their responder's verdict.
    var heldQuickModes: [HeldQuickMode] = []
    /// Quick Modes that the device began and that are not answered, with the SPI that it chose.
    var begunQuickModes: [(id: UInt32, spi: UInt32?)] = []
    /// Message ids that the device holds a node for, with the time of their first line.
    var nodes: [(id: UInt32, since: Instant)] = []
    /// The port of the peer before NAT-T moved it.
    var remotePort: UInt16?
    /// Another Quick Mode went before: the next one starts on a living phase 1.
    var hasQuickMode = false
    /// The transition that follows the end of phase 1 was printed.
    var hasToldPhase1End = false
    /// When the last message of Main Mode passed, while it is the last one.
    var phase1End: Instant?
    /// The device took the IKE SA down.
    var isGone = false
    /// What is still to be printed of that.
    var removal: Removal?

    struct HeldProof {
        var chain: PayloadChain
        var isProved: Bool
        var peerPort: UInt16
        var hasFloated: Bool
    }

    struct HeldQuickMode {
        var exchange: ChildNegotiation
        var frames: [Int]
    }

    /// As many as the tracker keeps exchanges of an IKE SA.
    private static let bound = 64
    /// What the Quick Modes that wait may hold.
    private static let heldBytes = 1 << 20
    /// Devices purge a node about a minute after its exchange.
    private static let nodeLife: Int64 = 60_000_000_000

    /// Bytes of messages that wait to be told, about.
    var cost: Int {
        var cost = quickModeCost
        for chain in [heldOffer, heldProof?.chain] { cost += chain.map { $0.bytes.count + $0.footprint } ?? 0 }
        return cost + (heldVendorIDs?.count ?? 0) * MemoryLayout<VendorIDLines>.stride
    }

    private var quickModeCost: Int { heldQuickModes.reduce(0) { $0 + $1.exchange.footprint } }

    func addNode(_ id: UInt32, at time: Instant) {
        nodes.removeAll { $0.id == id }
        if nodes.count >= Self.bound { nodes.removeFirst() }
        nodes.append((id, time))
    }

    func isXAUTH(_ id: UInt32) -> Bool { transactions.contains { $0.id == id && $0.isXAUTH } }

    func noteTransaction(_ id: UInt32, isXAUTH: Bool) {
        guard !transactions.contains(where: { $0.id == id }) else { return }
        if transactions.count >= 16 { transactions.removeFirst() }
        transactions.append((id, isXAUTH))
    }

    func purgeNode(_ id: UInt32) { nodes.removeAll { $0.id == id } }

    func livingNodes(at time: Instant) -> [UInt32] {
        nodes.filter { time.since($0.since) <= Self.nodeLife }.map(\.id)
    }

    func hold(_ quickMode: HeldQuickMode) {
        heldQuickModes.removeAll { $0.exchange.messageID == quickMode.exchange.messageID }
        heldQuickModes.append(quickMode)
        var cost = quickModeCost
        while heldQuickModes.count > 1, heldQuickModes.count > Self.bound || cost > Self.heldBytes {
            cost -= heldQuickModes.removeFirst().exchange.footprint
        }
    }

    func answered(quickMode id: UInt32) { begunQuickModes.removeAll { $0.id == id } }

    func begin(quickMode id: UInt32, spi: UInt32?) {
        answered(quickMode: id)
        if begunQuickModes.count >= Self.bound { begunQuickModes.removeFirst() }
        begunQuickModes.append((id, spi))
    }

    func release(quickMode id: UInt32) -> HeldQuickMode? {
        guard let index = heldQuickModes.firstIndex(where: { $0.exchange.messageID == id }) else { return nil }
        return heldQuickModes.remove(at: index)
    }
}
