/// The IVs of one IKE SA (RFC 2409 appendix B): they follow from ciphertext alone, whatever the key.
struct IVChain {
    /// hash(g^xi | g^xr), cut to a block; nil while a KE is missing.
    private(set) var initial: CipherBlock?
    /// The last ciphertext block of each encrypted phase-1 message, by its place in the exchange.
    private var phase1: [(step: Int, block: CipherBlock)] = []
    /// The last ciphertext block of each phase-2 exchange.
    private var exchanges: [(messageID: UInt32, block: CipherBlock)] = []
    private let limit: Int

    init(limit: Int = 64) { self.limit = limit }

    mutating func begin(_ hash: Digest, block: Int, initiatorKE: [UInt8], responderKE: [UInt8]) {
        guard initial == nil, let digest = try? hash.hash([.bytes(initiatorKE), .bytes(responderKE)]) else { return }
        initial = CipherBlock(digest.prefix(block))
    }

    /// The IV of phase-1 message `step` (1 to 6, or 1 to 3); nil when a message before it was not seen.
    func ofPhase1(_ step: Int, isFirstEncrypted: Bool) -> [UInt8]? {
        if isFirstEncrypted { return initial?.bytes }
        return phase1.last { $0.step < step }?.block.bytes
    }

    /// The IVs that a message of exchange `messageID` may have, likeliest first.
    ///
    /// A peer that could not decrypt the last phase-1 message starts from the one before. A message that is `apart` from
    /// others with its id may begin an exchange of its own.
    func ofExchange(_ messageID: UInt32, _ hash: Digest, block: Int, apart: Bool = false) -> IVs {
        let last = exchanges.last { $0.messageID == messageID }?.block.bytes
        if let last, !apart { return IVs(last) }
        let bases = phase1.reversed().map(\.block) + (initial.map { [$0] } ?? [])
        guard apart, !bases.isEmpty else {
            return IVs(
                last, beginnings: IVs.Beginnings(bases: bases.prefix(4), messageID: messageID, hash: hash, block: block)
            )
        }
        // libreswan before November 2024 has no block of phase 1 yet where it refuses message 5: hash(M-ID) alone.
        let all = bases.prefix(4) + [CipherBlock([])]
        return IVs(last, beginnings: IVs.Beginnings(bases: all, messageID: messageID, hash: hash, block: block))
    }

    func continues(_ messageID: UInt32) -> Bool { exchanges.contains { $0.messageID == messageID } }
    var hasPhase1: Bool { initial != nil || !phase1.isEmpty }

    mutating func advancePhase1(_ step: Int, last block: CipherBlock) {
        phase1.append((step, block))
        if phase1.count > 4 { phase1.removeFirst() }
    }

    mutating func advance(_ messageID: UInt32, last block: CipherBlock) {
        if let index = exchanges.lastIndex(where: { $0.messageID == messageID }) {
            exchanges[index].block = block
            return
        }
        exchanges.append((messageID, block))
        if exchanges.count > limit { exchanges.removeFirst() }
    }
}

/// A block of ciphertext, 8 or 16 bytes, held in place: every IKE SA keeps some.
struct CipherBlock {
    private var high: UInt64 = 0
    private var low: UInt64 = 0
    private var count: UInt8 = 0

    /// The first 16 of `bytes`.
    init(_ bytes: some Collection<UInt8>) {
        for byte in bytes.prefix(16) {
            if count < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
            count += 1
        }
    }

    var bytes: [UInt8] {
        (0..<count).map { index in
            let (half, place) = index < 8 ? (high, min(count, 8) - 1 - index) : (low, count - 1 - index)
            return UInt8(truncatingIfNeeded: half >> (UInt64(place) * 8))
        }
    }
}

/// The IVs that a message may have, likeliest first; each is made when it is asked for.
struct IVs: Sequence {
    /// Where an exchange may begin: hash(last block of phase 1 | M-ID), cut to a block.
    struct Beginnings {
        let bases: ArraySlice<CipherBlock>
        let messageID: UInt32
        let hash: Digest
        let block: Int
    }

    private let known: [UInt8]?
    private let beginnings: Beginnings?

    init(_ known: [UInt8]?, beginnings: Beginnings? = nil) {
        self.known = known
        self.beginnings = beginnings
    }

    var isEmpty: Bool { known == nil && beginnings?.bases.isEmpty ?? true }

    func makeIterator() -> Iterator {
        Iterator(known: known, beginnings: beginnings, place: beginnings?.bases.startIndex ?? 0)
    }

    struct Iterator: IteratorProtocol {
        fileprivate var known: [UInt8]?
        fileprivate let beginnings: Beginnings?
        fileprivate var place: Int

        mutating func next() -> [UInt8]? {
            if let known {
                self.known = nil
                return known
            }
            guard let beginnings else { return nil }
            while place < beginnings.bases.endIndex {
                let base = beginnings.bases[place]
                place += 1
                if let iv = try? beginnings.hash.hash([.bytes(base.bytes), .u32(beginnings.messageID)]) {
                    return Array(iv.prefix(beginnings.block))
                }
            }
            return nil
        }
    }
}
