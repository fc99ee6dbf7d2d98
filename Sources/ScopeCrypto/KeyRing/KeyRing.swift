import ScopeDissect
import ScopeModel
import ScopeWire

/// All keys that were given, from any number of key files; the tracker's `Unsealer`.
public final class KeyRing: Unsealer {
    struct Shared {
        let secret: Secret
        /// 0 for g^xy, else of which additional key exchange (RFC 9370).
        var step = 0
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

    private(set) var psk: PSKTable
    let ppk: PPKTable
    let exponents: ExponentIndex
    /// Nil where everything is computed when it is needed.
    let sharedAhead: SharedAhead?
    private let sharedBySA: [UInt64: [Shared]]
    private let sharedByChild: [UInt32: [Shared]]
    private let ike: [UInt64: [IKERow]]
    /// Rows without SPIs, by the IV of their phase 1.
    private let ikeByIV: [[UInt8]: [IKERow]]
    /// Rows that may belong to any IKE SA.
    private let ikeAnywhere: [IKERow]
    /// Rows of IKEv2 that hold SK_d.
    let ikeWithD: [IKERow]
    private let sa: [UInt32: [SARow]]
    /// Rows for any SPI.
    private let saAnywhere: [SARow]
    /// Takes in the keys that prove themselves; nil where no export was asked for.
    let export: KeyExport?
    private let rows: [UnusedKeys.Row]
    private let files: [UnusedKeys.FileUse]
    private var sightings: Sightings
    private var suites: Set<ESPSuite> = []
    var awake = AwakeKeys()

    /// A list of candidates beside the keys of the files.
    public var candidates: CandidateSearch?
    private var candidateUse: KeyUse?
    /// What sessions may be resumed from, in bounds.
    var resumables = ResumableKeys()

    /// No key was given, and no list of candidates.
    public var isEmpty: Bool { !hasKeys && candidates == nil }
    private let hasKeys: Bool

    /// The most rows without an SPI that are tried on each IKE SA, and on each IPsec SA.
    private static let mostAnywhere = 64

    /// Names say `psk[0]` or `psk at line 12`, and lead with the file's name when there are several files.
    ///
    /// - Parameter export: takes in the keys that prove themselves.
    /// - Parameter jobs: with more than one, shared secrets are computed ahead, by a thread of their own.
    public init(_ files: [KeyFile], export: KeyExport? = nil, jobs: Int = 1) {
        var build = KeyRingBuilder()
        for file in files { build.add(file, prefix: files.count > 1 ? file.baseName + ": " : "") }
        psk = PSKTable(build.psk)
        ppk = PPKTable(entries: build.ppk)
        exponents = ExponentIndex(build.exponents)
        sharedAhead = jobs > 1 && !build.exponents.isEmpty ? SharedAhead() : nil
        sharedBySA = build.sharedBySA
        sharedByChild = build.sharedByChild
        ike = build.ike
        ikeByIV = build.ikeByIV
        ikeAnywhere = Array(build.ikeAnywhere.prefix(Self.mostAnywhere))
        ikeWithD = Array(build.ikeWithD.prefix(Self.mostAnywhere))
        sa = build.sa
        saAnywhere = Array(build.saAnywhere.prefix(Self.mostAnywhere))
        rows = build.rows
        self.files = build.files
        self.export = export
        for file in files { export?.note(given: file.ike) }
        hasKeys = !build.rows.isEmpty || !build.files.allSatisfy(\.uses.isEmpty)
        sightings = Sightings(psk)
    }

    // MARK: Unsealer

    public func opener(for facts: IKEv1Facts) -> any IKESAOpener { IKEv1Opener(facts, ring: self) }

    public func opener(for facts: IKEv2Facts) -> (any IKEv2SAOpener)? { IKEv2Opener(facts, ring: self) }

    public func espOpeners(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any ESPOpener] {
        let maker = ChildKeyMaker(export: export)
        return rows(spi: spi, destination: destination, isAH: false).compactMap { row in
            try? maker.opener(for: row, spi: spi, source: source, destination: destination)
        }
    }

    public func ahVerifiers(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any AHVerifier] {
        let maker = ChildKeyMaker(export: export)
        return rows(spi: spi, destination: destination, isAH: true).map { row in
            maker.verifier(for: row, spi: spi, source: source, destination: destination)
        }
    }

    public func natDiscoveryHash(
        _ hash: Hash, initiatorSPI: UInt64, responderSPI: UInt64, address: IPAddress, port: UInt16
    ) -> [UInt8]? {
        guard let digest = Digest(hash) else { return nil }
        return try? digest.hash([
            .u64(initiatorSPI), .u64(responderSPI), .bytes(address.bytes),
            .byte(UInt8(port >> 8)), .byte(UInt8(port & 255)),
        ])
    }

    public func certificates(in chain: PayloadChain, _ context: CertificateContext) -> CertificateReport? {
        CertificateReport(chain, context)
    }

    public func unusedKeys() -> [String] {
        UnusedKeys(
            rows: rows, files: files, psk: psk, exponents: exponents, sightings: sightings, candidates: candidateUse
        ).lines()
    }

    // MARK: Look-ups of the openers

    /// - Parameter step: 0 for g^xy, else of which additional key exchange.
    func shared(initiatorSPI: UInt64, step: Int = 0) -> [Shared] {
        (sharedBySA[initiatorSPI] ?? []).filter { $0.step == step }
    }

    func shared(childSPI: UInt32, step: Int = 0) -> [Shared] {
        (sharedByChild[childSPI] ?? []).filter { $0.step == step }
    }

    /// The rows that may be the keys of an SA, the surest first.
    ///
    /// - Parameter iv: the IV of its phase 1, cut to the cipher's block; nil when a KE payload is not in the capture.
    func rows(for facts: IKEv1Facts, iv: [UInt8]?) -> [IKERow] {
        let named = (ike[facts.initiatorSPI] ?? []).filter { entry in
            guard entry.row.version == 1 else { return false }
            guard let responder = entry.row.responderSPI, facts.responderSPI != 0 else { return true }
            return responder == facts.responderSPI
        }
        return named + (iv.flatMap { ikeByIV[$0] } ?? []) + ikeAnywhere.filter { $0.row.version == 1 }
    }

    /// The IKEv2 rows for an SA, and those that may be of any, which the caller tells apart by what they hold.
    func rows(for facts: IKEv2Facts) -> [IKERow] {
        let named = (ike[facts.initiatorSPI] ?? []).filter { entry in
            guard entry.row.version == 2 else { return false }
            guard let responder = entry.row.responderSPI, facts.responderSPI != 0 else { return true }
            return responder == facts.responderSPI
        }
        return named + ikeAnywhere.filter { $0.row.version == 2 }
    }

    /// The rows for an SPI: first those that name the destination, then those that name none, then those for another
    /// destination.
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

    /// Looks for a PSK in the list of candidates; one that fits counts as given from then on.
    ///
    /// - Returns: its place in `psk`.
    func searchCandidates(
        on place: String, of initiatorSPI: UInt64, _ makeTest: () -> (any CandidateTest)?
    ) -> Int? {
        guard let candidates else { return nil }
        let outcome = candidates.first(makeTest)
        guard let match = outcome.match else {
            let use = candidateUse ?? KeyUse(name: KeyName(candidates.list.name))
            use.failures = max(use.failures, outcome.lines)
            use.note(triedOn: place, of: initiatorSPI)
            candidateUse = use
            return nil
        }
        let name = KeyName("\(candidates.list.name) line \(match.line)", listLine: match.line)
        return psk.add(match.key, from: name)
    }

    // MARK: Notes of the openers

    func note(sa facts: IKEv1Facts) {
        sightings.note(sighting(facts.initiatorSPI, [facts.initiatorAddress, facts.responderAddress]), psk)
    }

    func note(opened facts: IKEv1Facts) {
        sightings.note(openedSA: facts.initiatorSPI, isNamed: isNamed(facts.initiatorSPI))
    }

    func note(childSPI spi: UInt32) {
        if sharedByChild[spi] != nil || sa[spi] != nil { sightings.note(childSPI: spi) }
    }

    /// Notes the algorithms of an SA; true when no SA of this capture had them before.
    func note(suite: ESPSuite) -> Bool { suites.insert(suite).inserted }

    func note(ikev2 facts: IKEv2Facts) {
        sightings.note(sighting(facts.initiatorSPI, [facts.initiatorAddress, facts.responderAddress]), psk)
    }

    func note(opened facts: IKEv2Facts) {
        sightings.note(openedSA: facts.initiatorSPI, isNamed: isNamed(facts.initiatorSPI))
    }

    private func sighting(_ initiatorSPI: UInt64, _ ends: [IPAddress]) -> Sightings.IKESA {
        Sightings.IKESA(initiatorSPI: initiatorSPI, ends: ends, isNamed: isNamed(initiatorSPI))
    }

    private func isNamed(_ spi: UInt64) -> Bool { sharedBySA[spi] != nil || ike[spi] != nil }
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
