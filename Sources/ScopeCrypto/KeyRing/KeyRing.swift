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
    let files: [FileUse]
    /// Where proven keys go, when they were asked for.
    let export: KeyExport?
    /// Every row in the order of the files, for `unusedKeys`.
    let rows: [Row]
    private let pskByAddress: [IPAddress: [Int]]
    private let pskOther: [Int]
    /// Facts for `unusedKeys`: of what the capture shows only that which a row of the files names, so that they do not grow
    /// with the capture.
    private(set) var hasIKEv1 = false
    private(set) var initiatorSPIs: Set<UInt64> = []
    private(set) var ikev2 = IKEv2Seen()
    private(set) var childSPIs: Set<UInt32> = []
    private var suites: Set<ESPSuite> = []
    /// Initiator SPIs of the IKE SAs that some key opened.
    private(set) var openedSAs: Set<UInt64> = []
    private(set) var hasOpened = false
    private(set) var presentPSKs = PresentPSKs()

    var awake = AwakeKeys()

    /// A list of candidates beside the keys of the files.
    public var candidates: CandidateSearch?
    private(set) var candidateUse: KeyUse?

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

    /// The pre-shared keys one of whose peers was seen.
    struct PresentPSKs {
        private(set) var seen: Set<Int> = []
        /// Those for networks of which no peer was seen yet.
        var absent: [Int] = []

        mutating func note(_ ends: [IPAddress], _ byAddress: [IPAddress: [Int]], _ psk: [PSK]) {
            for address in ends { seen.formUnion(byAddress[address] ?? []) }
            guard !absent.isEmpty else { return }
            absent.removeAll { index in
                let isThere = psk[index].peers.contains { peer in
                    if case .prefix(let prefix) = peer { ends.contains(where: prefix.contains) } else { false }
                }
                if isThere { seen.insert(index) }
                return isThere
            }
        }
    }

    /// IKE SAs of IKEv2, which is not opened yet.
    struct IKEv2Seen {
        var isSeen = false
        /// Those that a key names.
        var initiatorSPIs: Set<UInt64> = []
        var presentPSKs = PresentPSKs()
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
        presentPSKs.absent = other
        ikev2.presentPSKs.absent = other
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
        guard let hash = Digest(phase1: algorithm) else { return nil }
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
        hasIKEv1 = true
        if isNamed(facts.initiatorSPI) { initiatorSPIs.insert(facts.initiatorSPI) }
        presentPSKs.note([facts.initiatorAddress, facts.responderAddress], pskByAddress, psk)
    }

    public func note(unopened sa: IKESA) {
        ikev2.isSeen = true
        if isNamed(sa.initiatorSPI) { ikev2.initiatorSPIs.insert(sa.initiatorSPI) }
        ikev2.presentPSKs.note([sa.initiator.address, sa.responder.address], pskByAddress, psk)
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
}

extension KeyFile.PSK.Peer {
    /// As the key file says it.
    var name: String {
        switch self {
        case .any: "*"
        case .prefix(let prefix): prefix.length == prefix.address.bitCount ? "\(prefix.address)" : "\(prefix)"
        case .identity(let identity): String(plain: identity, substitute: "?")
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
