import ScopeDissect
import ScopeModel
import ScopeWire

/// The keys that opened a capture, for `keys export`: the one place where keys leave, and only for whoever asked.
///
/// A key is exported when a HASH or an ICV has proved it. A key of an SA whose packets are not in the capture is exported
/// when the IKE SA that it follows from is proved.
public final class KeyExport {
    /// An IKE SA and one set of its keys.
    ///
    /// An SA has two sets where the sides have different pre-shared keys.
    struct IKE {
        let initiatorSPI: UInt64
        let responderSPI: UInt64
        let keys: IKEKeys
    }

    /// One direction of an ESP or AH SA.
    struct SA {
        let isAH: Bool
        let spi: UInt32
        let source: IPAddress?
        let destination: IPAddress?
        let suite: ESPSuite
        let encryptionKey: Secret
        let integrityKey: Secret
        /// Nil where only the packets are known.
        let encapsulation: Encapsulation?
        /// The keys follow from those of an IKE SA that is proved.
        let isDerived: Bool
        let tally = Tally()

        /// Something proves the keys, and nothing speaks against them.
        var isProven: Bool { tally.fitting > 0 || isDerived && tally.failing == 0 }

        fileprivate func hasSameKeys(as other: SA) -> Bool {
            suite == other.suite && encryptionKey.equals(other.encryptionKey) && integrityKey.equals(other.integrityKey)
        }
    }

    /// How many packets a key fitted, and how many it did not.
    final class Tally {
        var fitting = 0
        var failing = 0
    }

    private(set) var ike: [IKE] = []
    private var knownKeys: Set<ObjectIdentifier> = []
    /// Kept, so that no other set of keys gets the identity of one that is gone.
    private var provedKeys: [IKEv2Keys] = []
    private var all: [SA] = []
    private var places: [SAName: [Int]] = [:]
    /// IKEv2 SAs: the keys that proved themselves, each set of them, and rows as they were given for other SAs.
    var ikev2: [KeyFile.IKE] {
        let proved = Set(opened.map { $0.initiatorSPI })
        return opened + given.filter { !proved.contains($0.initiatorSPI) }
    }

    private var opened: [KeyFile.IKE] = []
    private var given: [KeyFile.IKE] = []

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
        let counts = [(ike.count + ikev2.count, "IKE SA"), (sas.count, "IPsec SA")]
        return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: " and ")
    }

    // MARK: Notes of the openers

    func note(_ keys: IKEKeys, _ facts: IKEv1Facts) {
        guard knownKeys.insert(ObjectIdentifier(keys)).inserted else { return }
        ike.append(IKE(initiatorSPI: facts.initiatorSPI, responderSPI: facts.responderSPI, keys: keys))
    }

    func note(_ keys: IKEv2Keys, _ facts: IKEv2Facts) {
        guard knownKeys.insert(ObjectIdentifier(keys)).inserted else { return }
        provedKeys.append(keys)
        var row = KeyFile.IKE()
        row.version = 2
        row.initiatorSPI = facts.initiatorSPI
        row.responderSPI = facts.responderSPI
        row.suite = keys.protection
        let all = keys.keys
        for (kind, key) in [
            (IKEKeyKind.skD, all.d), (.skAI, all.initiator.integrity), (.skAR, all.responder.integrity),
            (.skEI, all.initiator.encryption), (.skER, all.responder.encryption), (.skPI, all.initiator.proof),
            (.skPR, all.responder.proof),
        ] {
            if let key, key.count > 0 { row.keys[kind] = key }
        }
        opened.append(row)
    }

    func note(given rows: [KeyFile.IKE]) { given += rows.filter { $0.version == 2 } }

    /// Takes in the keys of an SA; keys that it has already count once.
    ///
    /// - Returns: where the SA's packets are to be counted.
    func add(_ sa: SA) -> Tally {
        let name = SAName(isAH: sa.isAH, spi: sa.spi, destination: sa.destination)
        for place in places[name] ?? [] where all[place].hasSameKeys(as: sa) { return all[place].tally }
        places[name, default: []].append(all.count)
        all.append(sa)
        return sa.tally
    }
}

/// Counts what an opener makes of its packets.
final class WatchedESPOpener: ESPOpener {
    private let opener: any ESPOpener
    private let tally: KeyExport.Tally

    init(_ opener: any ESPOpener, _ tally: KeyExport.Tally) {
        self.opener = opener
        self.tally = tally
    }

    var keyName: KeyName { opener.keyName }

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
        case .verified, .unverified: tally.fitting += 1
        case .badICV: tally.failing += 1
        case .noKey, .malformed, .cut: break
        }
    }
}

/// The same for AH.
final class WatchedAHVerifier: AHVerifier {
    private let verifier: any AHVerifier
    private let tally: KeyExport.Tally

    init(_ verifier: any AHVerifier, _ tally: KeyExport.Tally) {
        self.verifier = verifier
        self.tally = tally
    }

    var keyName: KeyName { verifier.keyName }

    func verify(_ buffer: PlaintextBuffer, covered: Range<Int>, icv: Range<Int>, sequence: UInt32) -> AHVerdict {
        let verdict = verifier.verify(buffer, covered: covered, icv: icv, sequence: sequence)
        switch verdict {
        case .verified: tally.fitting += 1
        case .badICV: tally.failing += 1
        case .noKey, .cut: break
        }
        return verdict
    }
}
