import ScopeDissect
import ScopeModel
import ScopeWire

/// Nonces, public values and cookies that a peer used already in another negotiation.
///
/// Each must be new each time (RFC 2408 section 2.5.3, RFC 2409 section 5, RFC 7296 section 2.10); public values may be used again with care.
/// What is remembered is bounded: of very many, the older half is forgotten.
struct ReuseMemory {
    enum Kind: String, Hashable { case nonce, publicValue, cookie }

    /// Where a value was used.
    private struct Use {
        var ikeSA: Int32
        var exchange: UInt32
        var frame: Int

        init(_ sa: IKESA, exchange: UInt32, _ event: Event) {
            ikeSA = Int32(truncatingIfNeeded: sa.id)
            self.exchange = exchange
            frame = event.frame
        }
    }

    struct Reuse {
        var kind: Kind
        /// The second one that it was seen in.
        var ikeSA: Int
        var peers: [IPAddress]
        var frames: [Int]
        var count: Int
    }

    /// By a hash over kind, peer and bytes, keyed anew in each run: nobody can make two that are the same.
    private var young: [Int: Use] = [:]
    private var old: [Int: Use] = [:]
    private(set) var reuses: [Reuse] = []
    private static let most = 32_768

    mutating func note(_ message: IKEMessage, _ event: Event) {
        guard let sa = message.sa, message.repetition == .first else { return }
        if message.step.isOfSetUp, let number = message.step.number { cookie(message, sa, number, event) }
        guard let chain = message.readable else { return }
        let exchange = message.message.header.messageID
        if let value = chain.body(of: .nonce) ?? chain.body(of: .nonceV2), value.count >= 8 {
            note(.nonce, value, of: message, Use(sa, exchange: exchange, event))
        }
        if let value = chain.body(of: .keyExchange) ?? chain.body(of: .keyExchangeV2), value.count >= 32 {
            note(.publicValue, value, of: message, Use(sa, exchange: exchange, event))
        }
    }

    private mutating func cookie(_ message: IKEMessage, _ sa: IKESA, _ step: Int, _ event: Event) {
        let spi = message.sender == .initiator ? sa.initiatorSPI : sa.responderSPI
        guard step <= 2, spi != 0 else { return }
        note(.cookie, spi.bytes, of: message, Use(sa, exchange: 0, event))
    }

    private mutating func note(_ kind: Kind, _ value: [UInt8], of message: IKEMessage, _ use: Use) {
        let peer = message.source.address
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(peer)
        hasher.combine(value)
        let key = hasher.finalize()
        guard let first = young[key] ?? old[key] else {
            if young.count >= Self.most {
                old = young
                young = [:]
            }
            young[key] = use
            return
        }
        guard first.ikeSA != use.ikeSA || first.exchange != use.exchange else { return }
        if let known = reuses.firstIndex(where: { $0.kind == kind && $0.peers.first == peer }) {
            reuses[known].count += 1
            if reuses[known].frames.count < 32 { reuses[known].frames.append(use.frame) }
        } else if reuses.count < 256 {
            reuses.append(
                Reuse(
                    kind: kind, ikeSA: Int(use.ikeSA), peers: [peer, message.destination.address],
                    frames: [first.frame, use.frame], count: 1
                ))
        }
    }
}

extension UInt64 {
    /// Big-endian.
    var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * $0)) } }
}
