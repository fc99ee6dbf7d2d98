import ScopeDissect
import ScopeModel
import ScopeWire

/// The keys that opened a capture, for `keys export`: the one place where they leave, and only for who asked.
///
/// A key gets in when a HASH or an ICV has proved it; one of an SA whose packets are not in the capture, when the IKE SA
/// that it follows from is proved.
public final class KeyExport {
    /// An IKE SA and one set of its keys: two where the sides have different pre-shared keys.
    struct IKE {
        let initiatorSPI: UInt64
        let responderSPI: UInt64
        let keys: IKEKeys
    }

    struct SA {
        let isAH: Bool
        let spi: UInt32
        let source: IPAddress?
        let destination: IPAddress?
        let suite: ESPSuite
        let encryptionKey: Secret
        let integrityKey: Secret
        /// The Encapsulation Mode of RFC 2407 section 4.5; nil where only the packets are known.
        let mode: UInt64?
        let proof: Proof
        /// Follows from an IKE SA that is proved.
        let isDerived: Bool

        /// Nothing speaks against the keys, and something for them.
        var isProven: Bool { proof.fitting > 0 || isDerived && proof.failing == 0 }
    }

    /// How packets spoke of a key.
    final class Proof {
        var fitting = 0
        var failing = 0
    }

    private(set) var ike: [IKE] = []
    private var knownKeys: Set<ObjectIdentifier> = []
    private var all: [SA] = []
    private var places: [SAName: [Int]] = [:]
    /// IKEv2 rows as they were given: nothing here can prove them yet.
    private(set) var given: [KeyFile.IKE] = []

    private struct SAName: Hashable {
        let isAH: Bool
        let spi: UInt32
        let destination: IPAddress?
    }

    public init() {}

    /// IPsec SAs with the keys that proved themselves, in the order of their first sight.
    var sas: [SA] { all.filter(\.isProven) }

    /// `2 IKE SAs and 6 IPsec SAs`; empty when there is nothing.
    public var summary: String {
        let counts = [(ike.count + given.count, "IKE SA"), (sas.count, "IPsec SA")]
        return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: " and ")
    }

    // MARK: What the openers tell

    func note(_ keys: IKEKeys, _ facts: Phase1Facts) {
        guard knownKeys.insert(ObjectIdentifier(keys)).inserted else { return }
        ike.append(IKE(initiatorSPI: facts.initiatorSPI, responderSPI: facts.responderSPI, keys: keys))
    }

    func note(given rows: [KeyFile.IKE]) { given += rows.filter { $0.version == 2 } }

    /// Takes in the keys of an SA; those that it has already count once.
    ///
    /// - Returns: where its packets are to be counted.
    func add(
        isAH: Bool = false, spi: UInt32, source: IPAddress?, destination: IPAddress?, suite: ESPSuite,
        encryptionKey: Secret, integrityKey: Secret, mode: UInt64? = nil, isDerived: Bool
    ) -> Proof {
        let name = SAName(isAH: isAH, spi: spi, destination: destination)
        for place in places[name] ?? [] {
            let known = all[place]
            if known.suite == suite, known.encryptionKey.equals(encryptionKey), known.integrityKey.equals(integrityKey)
            {
                return known.proof
            }
        }
        let proof = Proof()
        places[name, default: []].append(all.count)
        all.append(
            SA(
                isAH: isAH, spi: spi, source: source, destination: destination, suite: suite,
                encryptionKey: encryptionKey, integrityKey: integrityKey, mode: mode, proof: proof,
                isDerived: isDerived))
        return proof
    }

    /// The opener of a given row, watched.
    func watch(
        _ opener: any ESPOpener, _ row: KeyFile.SA, spi: UInt32, source: IPAddress, destination: IPAddress
    ) -> any ESPOpener {
        WatchedESPOpener(
            opener,
            add(
                spi: spi, source: source, destination: destination, suite: row.suite,
                encryptionKey: row.encryptionKey, integrityKey: row.integrityKey, isDerived: false))
    }

    /// The verifier of a given row of AH, watched.
    func watch(
        _ verifier: any AHVerifier, _ row: KeyFile.SA, spi: UInt32, source: IPAddress, destination: IPAddress
    ) -> any AHVerifier {
        WatchedAHVerifier(
            verifier,
            add(
                isAH: true, spi: spi, source: source, destination: destination, suite: row.suite,
                encryptionKey: row.encryptionKey, integrityKey: row.integrityKey, isDerived: false))
    }
}

/// Counts what an opener makes of its packets.
final class WatchedESPOpener: ESPOpener {
    private let opener: any ESPOpener
    private let proof: KeyExport.Proof

    init(_ opener: any ESPOpener, _ proof: KeyExport.Proof) {
        self.opener = opener
        self.proof = proof
    }

    var keyName: String { opener.keyName }

    func open(_ bytes: RawSpan, esp: Range<Int>, into plaintext: PlaintextBuffer) -> ESPOpening {
        let opening = opener.open(bytes, esp: esp, into: plaintext)
        count(opening)
        return opening
    }

    func twin() -> (any ESPOpener)? { opener.twin() }

    func note(_ opening: ESPOpening) {
        opener.note(opening)
        count(opening)
    }

    private func count(_ opening: ESPOpening) {
        switch opening.verdict {
        case .verified, .unverified: proof.fitting += 1
        case .badICV: proof.failing += 1
        case .noKey, .malformed, .cut: break
        }
    }
}

/// The same for AH.
final class WatchedAHVerifier: AHVerifier {
    private let verifier: any AHVerifier
    private let proof: KeyExport.Proof

    init(_ verifier: any AHVerifier, _ proof: KeyExport.Proof) {
        self.verifier = verifier
        self.proof = proof
    }

    var keyName: String { verifier.keyName }

    func verify(_ buffer: PlaintextBuffer, covered: Range<Int>, icv: Range<Int>, sequence: UInt32) -> AHVerdict {
        let verdict = verifier.verify(buffer, covered: covered, icv: icv, sequence: sequence)
        switch verdict {
        case .verified: proof.fitting += 1
        case .badICV: proof.failing += 1
        case .noKey, .cut: break
        }
        return verdict
    }
}
