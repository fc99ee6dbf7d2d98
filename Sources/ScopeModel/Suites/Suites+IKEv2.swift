import ScopeDissect

/// IKEv2's proposals as what they choose (RFC 7296 section 3.3): the one place that reads their transforms.
///
/// An answer has one transform of each type. Of an offer these give what comes first of each, which is what most peers
/// take.
extension IKESuite {
    /// The suite of an IKE SA.
    public init(_ proposal: IKEv2.Proposal) {
        var additional: [UInt8: DHGroup] = [:]
        for transform in proposal.transforms {
            switch transform.type {
            case .encryption where cipher == nil:
                cipher = Cipher(ikev2: transform.id)
                keyLength = transform.keyLength
            case .prf where prf == nil: prf = PRF(ikev2: transform.id)
            case .integrity where integrity == nil: integrity = Integrity(ikev2: transform.id)
            case .keyExchange where group == nil: group = DHGroup(rawValue: transform.id)
            default: IKEv2.note(transform, in: &additional)
            }
        }
        additionalGroups = IKEv2.inOrder(additional)
    }
}

extension ChildSuite {
    /// The suite of a child SA; the mode is not in it, but in a notification (RFC 7296 section 1.3.1).
    public init(_ proposal: IKEv2.Proposal) {
        self.init(SecurityProtocol(rawValue: proposal.protocolID.rawValue))
        var additional: [UInt8: DHGroup] = [:]
        var isNumbered = false
        for transform in proposal.transforms {
            switch transform.type {
            case .encryption where cipher == nil:
                cipher = Cipher(ikev2: transform.id)
                keyLength = transform.keyLength
            case .integrity where integrity == nil: integrity = Integrity(ikev2: transform.id)
            // 0 is no PFS (RFC 7296 section 3.3.2).
            case .keyExchange where group == nil && transform.id != 0: group = DHGroup(rawValue: transform.id)
            case .sequenceNumbers where !isNumbered:
                isNumbered = true
                hasESN = transform.id == 1
            default: IKEv2.note(transform, in: &additional)
            }
        }
        additionalGroups = IKEv2.inOrder(additional)
    }
}

extension IKEv2 {
    /// Takes in the first transform of each additional key exchange.
    fileprivate static func note(_ transform: Transform, in groups: inout [UInt8: DHGroup]) {
        guard TransformType.additionalKeyExchanges.contains(transform.type), groups[transform.type.rawValue] == nil
        else { return }
        groups[transform.type.rawValue] = DHGroup(rawValue: transform.id)
    }

    /// In the order in which they take place; one that is NONE takes no place (RFC 9370 section 2.2.1).
    fileprivate static func inOrder(_ groups: [UInt8: DHGroup]) -> [DHGroup] {
        groups.sorted { $0.key < $1.key }.map(\.value).filter { $0.rawValue != 0 }
    }
}

/// What a proposal of IKEv2 offers: of each type of transform any one may be taken (RFC 7296 section 3.3.6).
public struct AlgorithmSet: Hashable, Sendable {
    /// A cipher with the bits of its key, where they are named.
    public struct SizedCipher: Hashable, Sendable {
        public var cipher: Cipher
        public var keyLength: UInt16?

        public init(_ cipher: Cipher, keyLength: UInt16? = nil) {
            self.cipher = cipher
            self.keyLength = keyLength
        }
    }

    public var ciphers: [SizedCipher] = []
    public var prfs: [PRF] = []
    public var integrities: [Integrity] = []
    /// Of a child, `nil` is an offer to go without PFS.
    public var groups: [DHGroup?] = []
    /// By the number of the additional exchange, from 1 (RFC 9370).
    public var additionalGroups: [Int: [DHGroup?]] = [:]
    /// Whether sequence numbers have 64 bits.
    public var extendedSequenceNumbers: [Bool] = []

    public init() {}

    public init(_ proposal: IKEv2.Proposal) {
        for transform in proposal.transforms {
            let group = transform.id == 0 ? nil : DHGroup(rawValue: transform.id)
            switch transform.type {
            case .encryption:
                ciphers.append(SizedCipher(Cipher(ikev2: transform.id), keyLength: transform.keyLength))
            case .prf: prfs.append(PRF(ikev2: transform.id))
            case .integrity: integrities.append(Integrity(ikev2: transform.id))
            case .keyExchange: groups.append(group)
            case .sequenceNumbers: extendedSequenceNumbers.append(transform.id == 1)
            default:
                guard let place = IKEv2.TransformType.additionalKeyExchanges.firstIndex(of: transform.type) else {
                    continue
                }
                additionalGroups[place + 1, default: []].append(group)
            }
        }
    }
}
