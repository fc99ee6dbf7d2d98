import ScopeDissect
import ScopeModel
import ScopeWire

/// All keys that were given, from any number of key files; the tracker's `Unsealer`.
public final class KeyRing: Unsealer {
    struct PSK {
        let peer: KeyFile.PSK.Peer
        let key: Secret
        let use: KeyUse
    }

    struct Shared {
        let secret: Secret
        let use: KeyUse
    }

    struct IKERow {
        let row: KeyFile.IKE
        let use: KeyUse
    }

    struct SARow {
        let row: KeyFile.SA
        let use: KeyUse
    }

    private(set) var psk: [PSK]
    let exponents: ExponentIndex
    private let exponentUses: [KeyUse]
    private let sharedBySA: [UInt64: [Shared]]
    private let sharedByChild: [UInt32: [Shared]]
    private let ike: [UInt64: [IKERow]]
    private let sa: [UInt32: [SARow]]
    /// Every row in the order of the files, for `unusedKeys`.
    private let rows: [Row]
    private let pskByAddress: [IPAddress: [Int]]
    private let pskOther: [Int]
    /// Facts for `unusedKeys`.
    private var initiatorSPIs: Set<UInt64> = []
    private var peersSeen: Set<IPAddress> = []
    private var childSPIs: Set<UInt32> = []
    private var suites: Set<ESPSuite> = []
    /// Initiator SPIs of the IKE SAs that some key opened.
    private var openedSAs: Set<UInt64> = []

    /// A list of candidates beside the keys of the files.
    public var candidates: CandidateSearch?
    private var candidateUse: KeyUse?

    /// No key was given, and no list of candidates.
    public var isEmpty: Bool { rows.isEmpty && candidates == nil }

    enum Row {
        case psk(Int)
        case exponent(KeyUse)
        case sharedBySA(UInt64, KeyUse)
        case sharedByChild(UInt32, KeyUse)
        case ike(KeyFile.IKE, KeyUse)
        case sa(KeyFile.SA, KeyUse)
    }

    /// Names say `psk[0]`, and lead with the file's name when there are several files.
    public init(_ files: [KeyFile]) {
        var build = Builder()
        for file in files { build.add(file, prefix: files.count > 1 ? file.baseName + ": " : "") }
        psk = build.psk
        exponents = ExponentIndex(build.exponents)
        exponentUses = build.exponents.map(\.use)
        sharedBySA = build.sharedBySA
        sharedByChild = build.sharedByChild
        ike = build.ike
        sa = build.sa
        rows = build.rows
        var byAddress: [IPAddress: [Int]] = [:]
        var other: [Int] = []
        for (index, entry) in build.psk.enumerated() {
            if case .prefix(let prefix) = entry.peer, prefix.length == prefix.address.bitCount {
                byAddress[prefix.address, default: []].append(index)
            } else {
                other.append(index)
            }
        }
        pskByAddress = byAddress
        pskOther = other
    }

    private struct Builder {
        var psk: [PSK] = []
        var exponents: [ExponentIndex.Exponent] = []
        var sharedBySA: [UInt64: [Shared]] = [:]
        var sharedByChild: [UInt32: [Shared]] = [:]
        var ike: [UInt64: [IKERow]] = [:]
        var sa: [UInt32: [SARow]] = [:]
        var rows: [Row] = []
        /// Places in `exponents`, by a hash of their bytes.
        var exponentPlaces: [Int: [Int]] = [:]

        /// True when this exponent was given before: a key given twice is one key.
        mutating func isRepeated(_ secret: Secret, group: UInt16?) -> Bool {
            var hasher = Hasher()
            secret.withBytes { hasher.combine(bytes: $0) }
            let hash = hasher.finalize()
            let isKnown = (exponentPlaces[hash] ?? []).contains {
                exponents[$0].secret.equals(secret) && (exponents[$0].group == nil || exponents[$0].group == group)
            }
            if !isKnown { exponentPlaces[hash, default: []].append(exponents.count) }
            return isKnown
        }

        mutating func add(_ file: KeyFile, prefix: String) {
            for (index, entry) in file.psk.enumerated() {
                let use = KeyUse(name: "\(prefix)psk[\(index)] (\(entry.peer.name))")
                rows.append(.psk(psk.count))
                psk.append(PSK(peer: entry.peer, key: entry.key, use: use))
            }
            for (index, entry) in file.dh.enumerated() {
                switch entry {
                case .exponent(let secret, let group):
                    guard !isRepeated(secret, group: group) else { continue }
                    let use = KeyUse(name: "\(prefix)dh[\(index)].private")
                    exponents.append(ExponentIndex.Exponent(secret: secret, group: group, use: use))
                    rows.append(.exponent(use))
                case .sharedBySA(let secret, let spi):
                    let use = KeyUse(name: "\(prefix)dh[\(index)].shared")
                    sharedBySA[spi, default: []].append(Shared(secret: secret, use: use))
                    rows.append(.sharedBySA(spi, use))
                case .sharedByChild(let secret, let spi):
                    let use = KeyUse(name: "\(prefix)dh[\(index)].shared")
                    sharedByChild[spi, default: []].append(Shared(secret: secret, use: use))
                    rows.append(.sharedByChild(spi, use))
                }
            }
            for (index, row) in file.ike.enumerated() {
                let use = KeyUse(name: "\(prefix)ike[\(index)]")
                ike[row.initiatorSPI, default: []].append(IKERow(row: row, use: use))
                rows.append(.ike(row, use))
            }
            for (index, row) in file.sa.enumerated() {
                let use = KeyUse(name: "\(prefix)sa[\(index)]")
                sa[row.spi, default: []].append(SARow(row: row, use: use))
                rows.append(.sa(row, use))
            }
        }
    }

    // MARK: Unsealer

    public func opener(for facts: Phase1Facts) -> any IKESAOpener { IKEv1Opener(facts, ring: self) }

    public func espOpeners(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any ESPOpener] {
        rows(spi, isAH: false, to: destination).compactMap { row in
            try? ESPOpeners.make(
                row.row.suite, encryptionKey: row.row.encryptionKey, integrityKey: row.row.integrityKey,
                name: row.use.name, use: row.use)
        }
    }

    public func ahVerifiers(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any AHVerifier] {
        rows(spi, isAH: true, to: destination).map { row in
            KeyedAHVerifier(row.row.suite, key: row.row.integrityKey, name: row.use.name, use: row.use)
        }
    }

    /// A row that names the destination says more than one that does not.
    private func rows(_ spi: UInt32, isAH: Bool, to destination: IPAddress) -> [SARow] {
        let fitting = (sa[spi] ?? []).filter { row in
            row.row.isAH == isAH && (row.row.destination.map { $0 == destination } ?? true)
        }
        return fitting.filter { $0.row.destination != nil } + fitting.filter { $0.row.destination == nil }
    }

    public func natDiscoveryHash(
        algorithm: UInt16, initiatorSPI: UInt64, responderSPI: UInt64, address: IPAddress, port: UInt16
    ) -> [UInt8]? {
        guard let hash = HashAlgorithm(phase1: algorithm) else { return nil }
        return try? hash.hash([
            .u64(initiatorSPI), .u64(responderSPI), .bytes(address.bytes),
            .byte(UInt8(port >> 8)), .byte(UInt8(port & 255)),
        ])
    }

    public func certificates(in chain: PayloadChain, _ context: CertificateContext) -> CertificateReport? {
        CertificateReport(chain, context)
    }

    // MARK: For the openers

    func shared(initiatorSPI: UInt64) -> [Shared] { sharedBySA[initiatorSPI] ?? [] }
    func shared(childSPI: UInt32) -> [Shared] { sharedByChild[childSPI] ?? [] }

    func rows(for facts: Phase1Facts) -> [IKERow] {
        (ike[facts.initiatorSPI] ?? []).filter { entry in
            guard entry.row.version == 1 else { return false }
            guard let responder = entry.row.responderSPI, facts.responderSPI != 0 else { return true }
            return responder == facts.responderSPI
        }
    }

    /// The PSKs whose peer is an end of the SA, most specific first.
    func matchingPSKs(_ facts: Phase1Facts, identities: [String]) -> [Int] {
        let ends = [facts.responderAddress, facts.initiatorAddress]
        var ranked: [(rank: Int, index: Int)] = []
        for address in Set(ends) {
            for index in pskByAddress[address] ?? [] { ranked.append((address.bitCount + 1, index)) }
        }
        for index in pskOther {
            switch psk[index].peer {
            case .any: ranked.append((0, index))
            case .prefix(let prefix):
                if ends.contains(where: prefix.contains) { ranked.append((prefix.length + 1, index)) }
            case .identity(let identity):
                if identities.contains(identity) { ranked.append((1000, index)) }
            }
        }
        return ranked.sorted { ($1.rank, $0.index) < ($0.rank, $1.index) }.map(\.index)
    }

    /// Looks for a PSK in the list of candidates; one that fits counts as given from then on.
    func search(on place: String, of initiatorSPI: UInt64, _ makeTest: () -> (any CandidateTest)?) -> Int? {
        guard let candidates else { return nil }
        let outcome = candidates.first(makeTest)
        guard let match = outcome.match else {
            let use = candidateUse ?? KeyUse(name: candidates.list.name)
            use.failures = max(use.failures, outcome.lines)
            use.note(triedOn: place, of: initiatorSPI)
            candidateUse = use
            return nil
        }
        let name = "\(candidates.list.name) line \(match.line)"
        if let known = psk.firstIndex(where: { $0.use.name == name }) { return known }
        psk.append(PSK(peer: .any, key: match.key, use: KeyUse(name: name)))
        return psk.count - 1
    }

    func note(sa facts: Phase1Facts) {
        initiatorSPIs.insert(facts.initiatorSPI)
        peersSeen.insert(facts.initiatorAddress)
        peersSeen.insert(facts.responderAddress)
    }

    func note(opened facts: Phase1Facts) { openedSAs.insert(facts.initiatorSPI) }

    func note(childSPI spi: UInt32) { childSPIs.insert(spi) }

    /// True when no ESP SA of this capture had these algorithms before.
    func isNew(_ suite: ESPSuite) -> Bool { suites.insert(suite).inserted }

    // MARK: The end

    public func unusedKeys() -> [String] {
        var lines: [String] = []
        var absentPeers = 0
        for row in rows {
            guard let line = unused(row) else { continue }
            if case .psk(let index) = row, !isPresent(psk[index].peer) {
                absentPeers += 1
                if absentPeers > 5 { continue }
            }
            lines.append(line)
        }
        if let use = candidateUse {
            lines.append("\(use.name): none of its \(use.failures) lines is the PSK\(use.trials)")
        }
        if absentPeers > 5 {
            lines.append("psk: \(absentPeers - 5) more entries name peers that no IKE SA of this capture has")
        }
        return lines
    }

    private func unused(_ row: Row) -> String? {
        switch row {
        case .psk(let index): return unusedPSK(psk[index])
        case .exponent(let use):
            // One that was not needed is no news.
            guard !use.fitted, openedSAs.isEmpty || exponents.isTried(use) else { return nil }
            return "\(use.name): yields no public value among \(exponents.searched)"
        case .sharedBySA(let spi, let use):
            // One that was not needed is no news.
            guard !use.fitted, use.failures > 0 || !openedSAs.contains(spi) else { return nil }
            let name = Hex.spell(spi, digits: 16)
            return initiatorSPIs.contains(spi)
                ? "\(use.name): does not open the IKE SA with initiator SPI \(name)\(use.trials)"
                : "\(use.name): no IKE SA of this capture has initiator SPI \(name)"
        case .sharedByChild(let spi, let use):
            guard !use.fitted else { return nil }
            let name = "0x" + Hex.spell(UInt64(spi), digits: 8)
            return childSPIs.contains(spi)
                ? "\(use.name): opens no packet of the SAs with SPI \(name)"
                : "\(use.name): no Quick Mode with PFS that could be read made SPI \(name)"
        case .ike(let row, let use):
            guard !use.fitted else { return nil }
            let name = Hex.spell(row.initiatorSPI, digits: 16)
            if row.version == 2 { return "\(use.name): IKEv2 SAs cannot be opened yet (initiator SPI \(name))" }
            return initiatorSPIs.contains(row.initiatorSPI)
                ? "\(use.name): does not open the IKE SA with initiator SPI \(name)\(use.trials)"
                : "\(use.name): no IKE SA of this capture has initiator SPI \(name)"
        case .sa(let row, let use): return unusedSA(row, use)
        }
    }

    private func unusedPSK(_ entry: PSK) -> String? {
        guard !entry.use.fitted else { return nil }
        if entry.use.failures > 0 { return "\(entry.use.name): fits no IKE SA\(entry.use.trials)" }
        guard isPresent(entry.peer) else { return "\(entry.use.name): no IKE SA of this capture has this peer" }
        // Another key opened what there was.
        guard openedSAs.isEmpty else { return nil }
        return "\(entry.use.name): could be tried on nothing: that needs an IKE SA that uses a PSK, and its DH secret"
    }

    private func isPresent(_ peer: KeyFile.PSK.Peer) -> Bool {
        switch peer {
        case .any, .identity: true
        case .prefix(let prefix): peersSeen.contains(where: prefix.contains)
        }
    }

    private func unusedSA(_ row: KeyFile.SA, _ use: KeyUse) -> String? {
        guard !use.fitted else { return nil }
        let spi = "0x" + Hex.spell(UInt64(row.spi), digits: 8)
        let protocolName = row.isAH ? "AH" : "ESP"
        if use.failures > 0 {
            let count = use.failures == 1 ? "the one packet" : "any of the \(use.failures) packets"
            return
                "\(use.name): does not open \(count) that it was tried on (\(protocolName) SPI \(spi)): the key or the algorithm is wrong"
        }
        // The keys of the Quick Mode that made it opened it.
        if childSPIs.contains(row.spi) { return nil }
        let to = row.destination.map { " to \($0)" } ?? ""
        return "\(use.name): no whole \(protocolName) packet with SPI \(spi)\(to) in this capture"
    }
}

extension KeyFile.PSK.Peer {
    /// As the key file says it.
    var name: String {
        switch self {
        case .any: "*"
        case .prefix(let prefix): prefix.length == prefix.address.bitCount ? "\(prefix.address)" : "\(prefix)"
        case .identity(let identity):
            String(
                identity.unicodeScalars.map {
                    $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "?" : Character($0)
                })
        }
    }
}

extension KeyUse {
    /// ` (tried on Main Mode message 5, …)`.
    var trials: String {
        guard !triedOn.isEmpty else { return "" }
        let more = triedMore > 0 ? " and \(triedMore) more message\(triedMore == 1 ? "" : "s")" : ""
        return " (tried on \(triedOn.joined(separator: ", "))\(more))"
    }
}
