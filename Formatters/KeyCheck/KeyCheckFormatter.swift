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
    private let form: any KeyCheckForm

    /// As many SAs as the tracker keeps wait for the capture's end; with more, the first are written.
    private static let limit = Limits().ikeSAs

    public init(_ form: any KeyCheckForm, ikev2Keys: [UInt64: String]) {
        self.form = form
        self.ikev2Keys = ikev2Keys
    }

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
            isEmpty = false
            for place in places[account.spi] ?? [] { pairs[place].told.insert(account.spi) }
            form.write(account, to: sink)
        case .unusedKey(let line):
            tellNegotiated(to: sink)
            tellSilent(to: sink)
            form.write(unusedKey: line, to: sink)
        default: break
        }
    }

    public mutating func finish(to sink: ByteSink) {
        tellNegotiated(to: sink)
        tellSilent(to: sink)
        if isEmpty { form.writeNothing(to: sink) }
    }

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
        let standing: CheckedIKESA.Standing =
            if sa.majorVersion == 2 {
                .notOpenedYet(keys: ikev2Keys[sa.initiatorSPI])
            } else if let status {
                .told(status)
            } else {
                isEncrypted ? .told(.none) : .clear
            }
        form.write(CheckedIKESA(sa: sa, standing: standing), to: sink)
    }

    /// SAs that were negotiated and carried nothing that the capture shows.
    private mutating func tellSilent(to sink: ByteSink) {
        for entry in pairs {
            for spi in [entry.pair.spiToResponder, entry.pair.spiToInitiator] where !entry.told.contains(spi) {
                isEmpty = false
                form.write(silent: spi, isAH: entry.pair.protocolID == .ah, entry.pair.keys, to: sink)
            }
        }
        pairs = []
        places = [:]
    }
}
