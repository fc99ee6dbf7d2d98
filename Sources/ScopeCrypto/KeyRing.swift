import ScopeDissect
import ScopeModel
import ScopeWire

/// All keys that were given, from any number of key files; the tracker's `Unsealer`.
public final class KeyRing: Unsealer {
    struct PSK {
        let peers: [KeyFile.PSK.Peer]
        /// The end that the device itself has, where its configuration says it.
        let local: IPAddress?
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
    /// Nil where everything is computed when it is needed.
    let sharedAhead: SharedAhead?
    private let exponentUses: [KeyUse]
    private let sharedBySA: [UInt64: [Shared]]
    private let sharedByChild: [UInt32: [Shared]]
    private let ike: [UInt64: [IKERow]]
    /// Rows without SPIs: by the IV of their phase 1, and those of which nothing tells where they belong.
    private let ikeByIV: [[UInt8]: [IKERow]]
    private let ikeAnywhere: [IKERow]
    private let sa: [UInt32: [SARow]]
    /// For any SPI.
    private let saAnywhere: [SARow]
    private let files: [FileUse]
    /// Where proven keys go, when they were asked for.
    let export: KeyExport?
    /// Every row in the order of the files, for `unusedKeys`.
    private let rows: [Row]
    private let pskByAddress: [IPAddress: [Int]]
    private let pskOther: [Int]
    /// Facts for `unusedKeys`: of what the capture shows only that which a row of the files names, so that they do not grow
    /// with the capture.
    private var initiatorSPIs: Set<UInt64> = []
    private var childSPIs: Set<UInt32> = []
    private var suites: Set<ESPSuite> = []
    /// Initiator SPIs of the IKE SAs that some key opened.
    private var openedSAs: Set<UInt64> = []
    private var hasOpened = false
    /// The pre-shared keys one of whose peers was seen, and those for networks of which none was yet.
    private var presentPSKs: Set<Int> = []
    private var absentPSKs: [Int]

    var awake = AwakeKeys()

    /// A list of candidates beside the keys of the files.
    public var candidates: CandidateSearch?
    private var candidateUse: KeyUse?

    /// No key was given, and no list of candidates.
    public var isEmpty: Bool { !hasKeys && candidates == nil }
    private let hasKeys: Bool

    /// So many rows that could belong anywhere are tried on each IKE SA, and on each IPsec SA.
    private static let mostAnywhere = 64

    /// What became of the keys of a file that tells of any number of tunnels.
    final class FileUse {
        let name: String
        let isRecord: Bool
        var uses: [KeyUse] = []

        init(_ file: KeyFile) {
            name = file.baseName
            isRecord = file.format.isRecord
        }
    }

    enum Row {
        case psk(Int)
        case exponent(KeyUse)
        case sharedBySA(UInt64, KeyUse)
        case sharedByChild(UInt32, KeyUse)
        case ike(KeyFile.IKE, KeyUse)
        case sa(KeyFile.SA, KeyUse)
    }

    /// Names say `psk[0]` or `psk at line 12`, and lead with the file's name when there are several files.
    ///
    /// - Parameter export: takes in the keys that prove themselves.
    /// - Parameter jobs: with more than one, shared secrets are computed ahead, by a thread of their own.
    public init(_ files: [KeyFile], export: KeyExport? = nil, jobs: Int = 1) {
        var build = KeyRingBuilder()
        for file in files { build.add(file, prefix: files.count > 1 ? file.baseName + ": " : "") }
        psk = build.psk
        exponents = ExponentIndex(build.exponents)
        sharedAhead = jobs > 1 && !build.exponents.isEmpty ? SharedAhead() : nil
        exponentUses = build.exponents.map(\.use)
        sharedBySA = build.sharedBySA
        sharedByChild = build.sharedByChild
        ike = build.ike
        ikeByIV = build.ikeByIV
        ikeAnywhere = Array(build.ikeAnywhere.prefix(Self.mostAnywhere))
        sa = build.sa
        saAnywhere = Array(build.saAnywhere.prefix(Self.mostAnywhere))
        rows = build.rows
        self.files = build.files
        self.export = export
        for file in files { export?.note(given: file.ike) }
        hasKeys = !build.rows.isEmpty || !build.files.allSatisfy(\.uses.isEmpty)
        var byAddress: [IPAddress: [Int]] = [:]
        var other: [Int] = []
        for (index, entry) in build.psk.enumerated() {
            if entry.peers.count == 1, case .prefix(let prefix) = entry.peers[0],
                prefix.length == prefix.address.bitCount, entry.local == nil
            {
                byAddress[prefix.address, default: []].append(index)
            } else {
                other.append(index)
            }
        }
        pskByAddress = byAddress
        pskOther = other
        absentPSKs = other
    }

    // MARK: Unsealer

    public func opener(for facts: Phase1Facts) -> any IKESAOpener { IKEv1Opener(facts, ring: self) }

    public func espOpeners(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any ESPOpener] {
        rows(spi: spi, destination: destination, isAH: false).compactMap { row -> (any ESPOpener)? in
            guard
                let opener = try? ESPOpeners.make(
                    row.row.suite, encryptionKey: row.row.encryptionKey, integrityKey: row.row.integrityKey,
                    name: row.use.name, use: row.use)
            else { return nil }
            return export?.watch(opener, row.row, spi: spi, source: source, destination: destination) ?? opener
        }
    }

    public func ahVerifiers(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any AHVerifier] {
        rows(spi: spi, destination: destination, isAH: true).map { row -> any AHVerifier in
            let verifier = KeyedAHVerifier(
                row.row.suite, key: row.row.integrityKey, name: row.use.name, use: row.use)
            return export?.watch(verifier, row.row, spi: spi, source: source, destination: destination) ?? verifier
        }
    }

    /// The rows for an SPI: those that name the destination say more than those that do not, and those more than one for
    /// any SPI.
    private func rows(spi: UInt32, destination: IPAddress, isAH: Bool) -> [SARow] {
        let all = ((sa[spi] ?? []) + saAnywhere).filter { $0.row.isAH == isAH }
        let near = all.filter { $0.row.destination == destination }
        let open = all.filter { $0.row.destination == nil }
        // A NAT shows a device under another address than its own: there the ICV tells.
        let far = all.filter { row in
            guard let given = row.row.destination else { return false }
            return given != destination && row.row.suite.vouches
        }
        return Array((near + open + far).prefix(Self.mostAnywhere))
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

    /// The rows that may be the keys of an SA, the surest first.
    ///
    /// - Parameter iv: the IV of its phase 1, cut to the cipher's block; nil when a KE payload is not in the capture.
    func rows(for facts: Phase1Facts, iv: [UInt8]?) -> [IKERow] {
        let named = (ike[facts.initiatorSPI] ?? []).filter { entry in
            guard entry.row.version == 1 else { return false }
            guard let responder = entry.row.responderSPI, facts.responderSPI != 0 else { return true }
            return responder == facts.responderSPI
        }
        return named + (iv.flatMap { ikeByIV[$0] } ?? []) + ikeAnywhere.filter { $0.row.version == 1 }
    }

    /// The PSKs whose peer is an end of the SA, most specific first.
    func matchingPSKs(_ facts: Phase1Facts, identities: [String]) -> [Int] {
        let ends = [facts.responderAddress, facts.initiatorAddress]
        var ranked: [(rank: Int, index: Int)] = []
        for address in Set(ends) {
            for index in pskByAddress[address] ?? [] { ranked.append((address.bitCount + 1, index)) }
        }
        for index in pskOther {
            let ranks = psk[index].peers.compactMap { peer -> Int? in
                switch peer {
                case .any: 0
                case .prefix(let prefix): ends.contains(where: prefix.contains) ? prefix.length + 1 : nil
                case .identity(let identity): identities.contains(identity) ? 1000 : nil
                }
            }
            guard let best = ranks.max() else { continue }
            // One that is for another end of the device itself comes behind the others.
            let isElsewhere = psk[index].local.map { !ends.contains($0) } ?? false
            ranked.append((isElsewhere ? -1 : best, index))
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
        psk.append(PSK(peers: [.any], local: nil, key: match.key, use: KeyUse(name: name)))
        return psk.count - 1
    }

    func note(sa facts: Phase1Facts) {
        if isNamed(facts.initiatorSPI) { initiatorSPIs.insert(facts.initiatorSPI) }
        let ends = [facts.initiatorAddress, facts.responderAddress]
        for address in ends { presentPSKs.formUnion(pskByAddress[address] ?? []) }
        guard !absentPSKs.isEmpty else { return }
        absentPSKs.removeAll { index in
            let isThere = psk[index].peers.contains { peer in
                if case .prefix(let prefix) = peer { ends.contains(where: prefix.contains) } else { false }
            }
            if isThere { presentPSKs.insert(index) }
            return isThere
        }
    }

    func note(opened facts: Phase1Facts) {
        hasOpened = true
        if isNamed(facts.initiatorSPI) { openedSAs.insert(facts.initiatorSPI) }
    }

    private func isNamed(_ spi: UInt64) -> Bool { sharedBySA[spi] != nil || ike[spi] != nil }

    func note(childSPI spi: UInt32) {
        if sharedByChild[spi] != nil || sa[spi] != nil { childSPIs.insert(spi) }
    }

    /// True when no ESP SA of this capture had these algorithms before.
    func isNew(_ suite: ESPSuite) -> Bool { suites.insert(suite).inserted }

    // MARK: The end

    public func unusedKeys() -> [String] {
        var lines: [String] = []
        var absentPeers = 0
        for row in rows {
            guard let line = unused(row) else { continue }
            if case .psk(let index) = row, !isPresent(index) {
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
        return lines + files.compactMap(unused)
    }

    /// A log tells of other tunnels too, which is no news; that nothing of it is of any use here is.
    private func unused(_ file: FileUse) -> String? {
        guard file.isRecord, !file.uses.isEmpty else { return nil }
        let tried = file.uses.count { !$0.fitted && $0.failures > 0 }
        guard !file.uses.contains(where: \.fitted) else { return nil }
        let count = file.uses.count == 1 ? "its one key is" : "none of its \(file.uses.count) keys is"
        let ofUse = file.uses.count == 1 ? "of no use" : "of use"
        return "\(file.name): \(count) \(ofUse) for this capture" + (tried > 0 ? " (\(tried) tried in vain)" : "")
    }

    private func unused(_ row: Row) -> String? {
        switch row {
        case .psk(let index): return unusedPSK(index)
        case .exponent(let use):
            // One that was not needed is no news.
            guard !use.fitted, !hasOpened || exponents.isTried(use) else { return nil }
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
            guard let spi = row.initiatorSPI else {
                return row.version == 2
                    ? "\(use.name): IKEv2 SAs cannot be opened yet"
                    : "\(use.name): opens no IKE SA of this capture\(use.trials)"
            }
            let name = Hex.spell(spi, digits: 16)
            if row.version == 2 { return "\(use.name): IKEv2 SAs cannot be opened yet (initiator SPI \(name))" }
            return initiatorSPIs.contains(spi)
                ? "\(use.name): does not open the IKE SA with initiator SPI \(name)\(use.trials)"
                : "\(use.name): no IKE SA of this capture has initiator SPI \(name)"
        case .sa(let row, let use): return unusedSA(row, use)
        }
    }

    private func unusedPSK(_ index: Int) -> String? {
        let entry = psk[index]
        guard !entry.use.fitted else { return nil }
        if entry.use.failures > 0 { return "\(entry.use.name): fits no IKE SA\(entry.use.trials)" }
        guard isPresent(index) else { return "\(entry.use.name): no IKE SA of this capture has this peer" }
        // Another key opened what there was.
        guard !hasOpened else { return nil }
        return "\(entry.use.name): could be tried on nothing: that needs an IKE SA that uses a PSK, and its DH secret"
    }

    private func isPresent(_ index: Int) -> Bool {
        presentPSKs.contains(index)
            || psk[index].peers.contains { peer in if case .prefix = peer { false } else { true } }
    }

    private func unusedSA(_ row: KeyFile.SA, _ use: KeyUse) -> String? {
        guard !use.fitted else { return nil }
        let protocolName = row.isAH ? "AH" : "ESP"
        guard let number = row.spi else { return "\(use.name): opens no \(protocolName) packet of this capture" }
        let spi = "0x" + Hex.spell(UInt64(number), digits: 8)
        if use.failures > 0 {
            let count = use.failures == 1 ? "the one packet" : "any of the \(use.failures) packets"
            return
                "\(use.name): does not open \(count) that it was tried on (\(protocolName) SPI \(spi)): the key or the algorithm is wrong"
        }
        // The keys of the Quick Mode that made it opened it.
        if childSPIs.contains(number) { return nil }
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

extension ESPSuite {
    /// An ICV shows whether a key is right.
    fileprivate var vouches: Bool {
        if encryption.tagLength != nil { return true }
        switch integrity {
        case .none, .unknown: return false
        default: return true
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
