import ScopeDissect
import ScopeModel
import ScopeWire

/// `keys check`: for each IKE SA and each IPsec SA of a capture, the key that opens it, or what is missing.
public struct KeyCheckFormatter: EventFormatter {
    private struct Pair {
        var spis: [UInt32]
        var isAH: Bool
        var keys: KeyStatus
        var told: Set<UInt32> = []
    }

    private struct Known {
        var sa: IKESA
        var status: KeyStatus?
        var isEncrypted: Bool
    }

    /// By id, which grows from one to the next.
    private var ike = RecentTable<Int, Known>(limit: .max)
    private var pairs: [Pair] = []
    /// Where the SPI of a pair is to be found.
    private var places: [UInt32: [Int]] = [:]
    private var isEmpty = true
    private let form: any KeyCheckForm

    /// As many SAs as the tracker keeps wait for the capture's end; with more, the first are written.
    private static let limit = Limits().ikeSAs
    /// Of the pairs under one SPI, so many are looked at when its packets are told.
    private static let mostOfOneSPI = 64

    public init(_ form: any KeyCheckForm) { self.form = form }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        switch event.kind {
        case .ikeMessage(let message):
            guard let sa = message.sa else { return }
            if ike[sa.id] == nil { make(room: sink) }
            let known = ike[sa.id]
            let isEncrypted = known?.isEncrypted ?? false || message.message.isEncrypted
            note(sa, known?.status, isEncrypted)
        case .ikeKeys(let sa, let status):
            if ike[sa.id] == nil { make(room: sink) }
            note(sa, status, true)
        case .ipsecSAs(let pair):
            guard pairs.count < Self.limit else { return }
            let spis = [pair.spiToResponder, pair.spiToInitiator]
            for spi in Set(spis) where places[spi]?.count ?? 0 < Self.mostOfOneSPI {
                places[spi, default: []].append(pairs.count)
            }
            pairs.append(Pair(spis: spis, isAH: pair.protocolID == .ah, keys: pair.keys))
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
        guard ike.count >= Self.limit, let first = ike.removeOldest() else { return }
        tell(first.value, to: sink)
    }

    private mutating func note(_ sa: IKESA, _ status: KeyStatus?, _ isEncrypted: Bool) {
        var sa = sa
        sa.offer = nil
        ike.insert(Known(sa: sa, status: status, isEncrypted: isEncrypted), for: sa.id)
    }

    private mutating func tellNegotiated(to sink: ByteSink) {
        while let first = ike.removeOldest() { tell(first.value, to: sink) }
    }

    private mutating func tell(_ known: Known, to sink: ByteSink) {
        isEmpty = false
        let sa = known.sa
        let standing: CheckedIKESA.Standing =
            if let status = known.status {
                .told(status)
            } else {
                known.isEncrypted ? .told(.none) : .clear
            }
        form.write(CheckedIKESA(sa: sa, standing: standing), to: sink)
    }

    /// SAs that were negotiated and carried nothing that the capture shows.
    private mutating func tellSilent(to sink: ByteSink) {
        for entry in pairs {
            for spi in entry.spis where !entry.told.contains(spi) {
                isEmpty = false
                form.write(silent: spi, isAH: entry.isAH, entry.keys, to: sink)
            }
        }
        pairs = []
        places = [:]
    }
}
