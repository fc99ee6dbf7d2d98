import ScopeDissect
import ScopeModel
import ScopeWire

/// `keys check`: for each IKE SA and each IPsec SA of a capture, the key that opens it, or what is missing.
public struct KeyCheckFormatter: EventFormatter {
    private struct Pair {
        var pair: IPsecSAPair
        var told: Set<UInt32> = []
    }

    private var ike: [Int: (sa: IKESA, status: KeyStatus?, isEncrypted: Bool)] = [:]
    private var pairs: [Pair] = []
    /// Where the SPI of a pair is to be found.
    private var places: [UInt32: [Int]] = [:]
    private var isEmpty = true
    /// Places of the IKEv2 keys that were given, by initiator SPI.
    private let ikev2Keys: [UInt64: String]

    /// As many SAs as the tracker keeps wait for the capture's end; with more, the first are written.
    private static let limit = Limits().ikeSAs

    public init(ikev2Keys: [UInt64: String]) { self.ikev2Keys = ikev2Keys }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        switch event.kind {
        case .ikeMessage(let message):
            guard let sa = message.sa else { return }
            if ike[sa.id] == nil { make(room: sink) }
            let known = ike[sa.id]
            let isEncrypted = known?.isEncrypted ?? false || !message.message.ciphertext.isEmpty
            ike[sa.id] = (sa, known?.status, isEncrypted)
        case .ikeKeys(let sa, let status):
            if ike[sa.id] == nil { make(room: sink) }
            ike[sa.id] = (sa, status, true)
        case .ipsecSAs(let pair):
            guard pairs.count < Self.limit else { return }
            for spi in [pair.spiToInitiator, pair.spiToResponder] { places[spi, default: []].append(pairs.count) }
            pairs.append(Pair(pair: pair))
        case .ipsecAccount(let account):
            tellNegotiated(to: sink)
            tell(account, to: sink)
        case .unusedKey(let line):
            tellNegotiated(to: sink)
            tellSilent(to: sink)
            sink.literal("  not used: ")
            sink.untrusted(line)
            sink.newline()
        default: break
        }
    }

    public mutating func finish(to sink: ByteSink) {
        tellNegotiated(to: sink)
        tellSilent(to: sink)
        if isEmpty { sink.literal("  no IKE SA, and no ESP or AH\n") }
    }

    // MARK: IKE SAs

    private mutating func make(room sink: ByteSink) {
        guard ike.count >= Self.limit, let first = ike.keys.min() else { return }
        tell(ikeSA: first, to: sink)
    }

    private mutating func tellNegotiated(to sink: ByteSink) {
        for id in ike.keys.sorted() { tell(ikeSA: id, to: sink) }
    }

    private mutating func tell(ikeSA id: Int, to sink: ByteSink) {
        guard let (sa, status, isEncrypted) = ike.removeValue(forKey: id) else { return }
        isEmpty = false
        sink.literal("  IKE SA ")
        sink.hex(sa.initiatorSPI, digits: 16)
        sink.literal(" ")
        sink.hex(sa.responderSPI, digits: 16)
        sink.text(", \(sa.initiator.address) - \(sa.responder.address): ")
        if sa.majorVersion == 2 {
            sink.literal("IKEv2 cannot be opened yet")
            if let place = ikev2Keys[sa.initiatorSPI] {
                sink.literal("; its keys are at hand: ")
                sink.untrusted(place)
            }
        } else if let status {
            tell(status, to: sink)
        } else {
            sink.text(isEncrypted ? "closed: no keys were given" : "nothing in it is encrypted")
        }
        sink.newline()
    }

    private func tell(_ status: KeyStatus, to sink: ByteSink) {
        switch status {
        case .none: sink.literal("closed: no keys were given")
        case .opened(let name):
            sink.literal("opened by ")
            sink.untrusted(name)
        case .missing(let why), .wrong(let why):
            sink.literal("closed: ")
            sink.untrusted(why)
        }
    }

    // MARK: IPsec SAs

    private mutating func tell(_ account: IPsecAccount, to sink: ByteSink) {
        isEmpty = false
        for place in places[account.spi] ?? [] { pairs[place].told.insert(account.spi) }
        head(isAH: account.isAH, account.spi, to: sink)
        sink.text(
            ", \(account.source) > \(account.destination), \(account.packets) packet\(account.packets == 1 ? "" : "s"): "
        )
        tell(account.keys, to: sink)
        if case .opened = account.keys {
            let open = account.verified + account.unverified
            if open < account.packets { sink.text(" (\(open) of them)") }
            if account.unverified > 0 { sink.text(", and nothing vouches for \(account.unverified)") }
        }
        sink.newline()
    }

    /// SAs that were negotiated and carried nothing that the capture shows.
    private mutating func tellSilent(to sink: ByteSink) {
        for entry in pairs {
            for spi in [entry.pair.spiToResponder, entry.pair.spiToInitiator] where !entry.told.contains(spi) {
                isEmpty = false
                head(isAH: entry.pair.protocolID == .ah, spi, to: sink)
                sink.literal(", no packets: ")
                switch entry.pair.keys {
                case .opened(let name):
                    sink.literal("its keys follow from ")
                    sink.untrusted(name)
                default: tell(entry.pair.keys, to: sink)
                }
                sink.newline()
            }
        }
        pairs = []
        places = [:]
    }

    private func head(isAH: Bool, _ spi: UInt32, to sink: ByteSink) {
        sink.text(isAH ? "  AH SA 0x" : "  ESP SA 0x")
        sink.hex(UInt64(spi), digits: 8)
    }
}
