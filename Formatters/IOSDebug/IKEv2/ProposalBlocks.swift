import ScopeDissect
import ScopeModel
import ScopeWire

/// The proposals of an SA payload that the device builds: a block for each; of what it receives it prints none.
extension IKEv2Lines {
    mutating func proposals() {
        guard let association = chain?.securityAssociation else { return }
        for proposal in association.proposals { write(proposal) }
    }

    private mutating func write(_ proposal: IKEv2.Proposal) {
        let isIKE = proposal.protocolID == .ike
        line(
            isIKE ? "IKE" : proposal.protocolID == .ah ? "AH" : "ESP", " Proposal: ", .number(proposal.number),
            ", SPI size: ", .number(proposal.spi.count),
            !isIKE
                ? " (IPSec negotiation), "
                : proposal.spi.isEmpty ? " (initial negotiation), " : .literal(UnconfirmedLines.rekeyedProposal))
        continuation("Num. transforms: ", .number(proposal.transforms.count))
        guard beginContinuation() else { return }
        for transform in proposal.transforms {
            out.sink.literal("   ")
            TransformWords.write(transform, to: out.sink)
        }
    }

    /// A proposal of the peer, as the device lists what it cannot take: in the order of the kinds of algorithms.
    ///
    /// Classic images have the names alone; IOS XE says of an IKE SA's what each is.
    func received(_ proposal: IKEv2.Proposal) {
        out.sink.write("Proposal ", .number(proposal.number), ": ")
        let hasTitles = out.family == .xe && proposal.protocolID == .ike
        var types: [IKEv2.TransformType] = []
        for transform in proposal.transforms where !types.contains(transform.type) { types.append(transform.type) }
        for type in types.sorted(by: { $0.rawValue < $1.rawValue }) {
            if hasTitles {
                out.sink.byte(UInt8(ascii: " "))
                out.sink.literal(TransformWords.title(type))
            }
            for transform in proposal.transforms where transform.type == type {
                out.sink.byte(UInt8(ascii: " "))
                TransformWords.write(transform, withLength: true, to: out.sink)
            }
        }
    }
}

/// Transforms as `debug crypto ikev2` names them.
enum TransformWords {
    static func write(_ transform: IKEv2.Transform, withLength: Bool = false, to sink: ByteSink) {
        if let word = word(transform) {
            sink.literal(word)
        } else {
            sink.write("Unknown - ", .number(transform.id))
        }
        if withLength, let length = transform.keyLength { sink.write("-", .number(length)) }
    }

    /// What stands before the algorithms of a type in a list of IOS XE.
    static func title(_ type: IKEv2.TransformType) -> StaticString {
        switch type {
        case .encryption: "ENCRYPTION:"
        case .prf: "PRF:"
        case .integrity: "INTEGRITY:"
        case .keyExchange: "DH GROUP:"
        default: ""
        }
    }

    private static func word(_ transform: IKEv2.Transform) -> StaticString? {
        let id = transform.id
        switch transform.type {
        case .encryption: return cipher(IKEv2.EncryptionTransform(rawValue: id))
        case .prf: return prf(IKEv2.PRFTransform(rawValue: id))
        case .integrity: return integrity(IKEv2.IntegrityTransform(rawValue: id))
        case .sequenceNumbers: return id == 0 ? "Don't use ESN" : id == 1 ? UnconfirmedLines.usesESN : nil
        case .keyExchange: return group(DHGroup(rawValue: id))
        default:
            return IKEv2.TransformType.additionalKeyExchanges.contains(transform.type)
                ? group(DHGroup(rawValue: id)) : nil
        }
    }

    private static func cipher(_ cipher: IKEv2.EncryptionTransform) -> StaticString? {
        switch cipher {
        case .tripleDES: "3DES"
        case .aesCBC: "AES-CBC"
        case .aesGCM8, .aesGCM12, .aesGCM16: "AES-GCM"
        default: UnconfirmedLines.cipher(cipher)
        }
    }

    private static func prf(_ prf: IKEv2.PRFTransform) -> StaticString? {
        switch prf {
        case .hmacMD5: "MD5"
        case .hmacSHA1: "SHA1"
        case .hmacSHA256: "SHA256"
        case .hmacSHA384: "SHA384"
        case .hmacSHA512: "SHA512"
        default: nil
        }
    }

    private static func integrity(_ integrity: IKEv2.IntegrityTransform) -> StaticString? {
        switch integrity {
        case .none: "None"
        case .hmacMD5: "MD596"
        case .hmacSHA1: "SHA96"
        case .hmacSHA256: "SHA256"
        case .hmacSHA384: "SHA384"
        case .hmacSHA512: "SHA512"
        default: nil
        }
    }

    private static func group(_ group: DHGroup) -> StaticString? {
        switch group {
        case .modp1024: "DH_GROUP_1024_MODP/Group 2"
        case .modp1536: "DH_GROUP_1536_MODP/Group 5"
        case .modp2048: "DH_GROUP_2048_MODP/Group 14"
        case .modp4096: "DH_GROUP_4096_MODP/Group 16"
        case .ecp256: "DH_GROUP_256_ECP/Group 19"
        case .ecp384: "DH_GROUP_384_ECP/Group 20"
        case .ecp521: "DH_GROUP_521_ECP/Group 21"
        case DHGroup(rawValue: 24): "DH_GROUP_2048_MODP_256_PRIME/Group 24"
        default: UnconfirmedLines.group(group)
        }
    }
}
