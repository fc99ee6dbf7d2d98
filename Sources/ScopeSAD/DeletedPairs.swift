import ScopeDissect
import ScopeModel
import ScopeWire

/// Which pairs of IPsec SAs Deletes name, and nothing else.
///
/// It tells of a Delete what `ChildLedger` tells. It is another table because that one's record of a pair has room for
/// packets and for what was agreed on: of thousands of pairs, these are the bytes.
package struct DeletedPairs: Sendable {
    private struct Pair {
        var id: Int
        var identity: ChildSAIdentity
        var maker: IKESAIdentity
        var initiator: IPAddress
        var responder: IPAddress
        /// A key opened the message that settled it: else it is only claimed.
        var isOpened: Bool
        var isDeleted = false

        var isAH: Bool { identity.protocolID == .ah }
    }

    private var table: RecordTable<Pair>
    private var spis = SPILists()
    private var made = 0
    /// The negotiation whose message came last, and whether a key opened that.
    private var settling: Settling?

    /// - Parameter limit: pairs that are kept; each takes about 300 bytes.
    package init(limit: Int) { table = RecordTable(limit: limit, bytes: .max) }

    /// Takes in a message, told by `event`; `tell` is given each SA that it deletes, or was not believed to.
    package mutating func fold(_ message: IKEMessage, at event: Event, tell: ChangeReceiver) {
        // The IKE SA is large: only this field of it is read.
        guard case .first = message.repetition, let id = message.sa?.id else { return }
        if let next = Settling(message, ikeSA: id) { settling = next }
        guard let notice = DeleteNotice(message, Moment(event)) else { return }
        notice.forEachSPI { delete($0, isAH: $1, notice, tell: tell) }
    }

    /// Takes in a pair, told by `event`.
    package mutating func fold(_ pair: ChildSA, at event: Event) {
        made += 1
        let isSame = pair.negotiation.initiatedBy == .initiator
        let entry = Pair(
            id: made, identity: pair.identity(settledIn: event.frame), maker: pair.ikeSA.identity,
            initiator: (isSame ? pair.ikeSA.initiator : pair.ikeSA.responder).address,
            responder: (isSame ? pair.ikeSA.responder : pair.ikeSA.initiator).address,
            isOpened: settling?.settles(pair) ?? false)
        while let gone = table.makeRoom(for: 0) {
            spis.remove(gone.id, under: gone.identity.spiToInitiator, gone.identity.spiToResponder, isAH: gone.isAH)
        }
        spis.add(made, under: pair.spiToInitiator, pair.spiToResponder, isAH: entry.isAH)
        _ = table.insert(entry, id: made, cost: 0, isLesser: !entry.isOpened)
    }

    /// The sender names the SPI under which it receives; the pair goes with it.
    private mutating func delete(_ spi: UInt32, isAH: Bool, _ notice: DeleteNotice, tell: ChangeReceiver) {
        for id in spis.all(spi, isAH: isAH) {
            guard let slot = table.slot(of: id), let pair = table[slot], !pair.isDeleted else { continue }
            let receiver = pair.identity.spiToInitiator == spi ? pair.initiator : pair.responder
            guard notice.mayDelete(pairOf: pair.maker, under: receiver),
                notice.tell(of: .child(pair.identity), stands: pair.isOpened, to: tell)
            else { continue }
            _ = table.update(slot) { $0.isDeleted = true }
            table.rank(id, isLesser: true, cost: 0)
        }
    }
}

/// The exchange that a pair may come of: its last message.
struct Settling: Sendable {
    private let ikeSA: Int
    private let messageID: UInt32
    private let isOpened: Bool

    /// Nil for a message that no pair comes of.
    init?(_ message: IKEMessage, ikeSA: Int) {
        guard message.step.isOfChild || message.quickMode != nil else { return nil }
        self.ikeSA = ikeSA
        messageID = message.quickMode?.messageID ?? message.message.header.messageID
        isOpened = message.opening.isBelieved
    }

    /// Whether a pair comes of it, and a key opened it.
    func settles(_ pair: ChildSA) -> Bool {
        isOpened && ikeSA == pair.ikeSA.id && messageID == pair.negotiation.messageID
    }
}
