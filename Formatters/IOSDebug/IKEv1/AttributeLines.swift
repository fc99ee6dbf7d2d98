import ScopeDissect
import ScopeModel

/// The attributes of a transform, one line each, in wire order: peers do not agree on an order, so none is imposed.
///
/// An attribute without a known line is left out; a value without a known word prints as `?`.
enum AttributeLines {
    /// Phase 1 (RFC 2409 appendix A).
    static func phase1(_ transform: Transform, to out: LineWriter) {
        for attribute in transform.attributes {
            guard let value = attribute.number ?? (attribute.type == 12 ? 0 : nil) else { continue }
            switch attribute.type {
            case 1:
                out.line(.plainTight, "      encryption ", .word(encryption(Cipher(ikev1: UInt16(clamping: value)))))
            case 2: out.line(.plainTight, "      hash ", .word(hash(Hash(ikev1: UInt16(clamping: value)))))
            case 3:
                out.line(
                    .plainTight, "      auth ",
                    .word(authentication(AuthenticationMethod(ikev1: UInt16(clamping: value)))))
            case 4: out.line(.plainTight, "      default group ", .number(value))
            case 11: out.line(.plainTight, "      life type in ", .word(lifeType(value)))
            case 12: duration(attribute, "      life duration ", to: out)
            case 14: out.line(.plainTight, "      keylength of ", .number(value))
            default: break
            }
        }
    }

    /// Quick Mode (RFC 2407 section 4.5).
    static func ipsec(_ transform: Transform, to out: LineWriter) {
        for attribute in transform.attributes {
            guard let value = attribute.number ?? (attribute.type == 2 ? 0 : nil) else { continue }
            switch attribute.type {
            case 1: out.line(.plainTight, "      SA life type in ", .word(lifeType(value)))
            case 2: duration(attribute, "      SA life duration ", to: out)
            case 3: out.line(.plainTight, "      group is ", .number(value))
            case 4:
                out.line(
                    .plainTight, "      encaps is ", .number(value), " (",
                    .word(encapsulation(Encapsulation(ikev1: UInt16(clamping: value)))), ")")
            case 5:
                out.line(
                    .plainTight, "      authenticator is ",
                    .word(authenticator(Integrity(ikev1: UInt16(clamping: value)))))
            case 6: out.line(.plainTight, "      key length is ", .number(value))
            default: break
            }
        }
    }

    /// The lines behind `atts are acceptable` in phase 1.
    ///
    /// The device's own lifetime is unknown: the offer stands for the result, and 0 for the rest.
    static func lifetime(_ transform: Transform, to out: LineWriter) {
        guard
            let attribute = transform.attributes.first(where: { $0.type == Phase1Attribute.lifeDuration.rawValue }),
            let value = IKESuite(transform).lifetime.seconds
        else { return }
        out.line(.tight, "Acceptable atts:actual life: 0")
        out.line(.tight, "Acceptable atts:life: 0")
        if attribute.isShort {
            out.line(.tight, "Basic life_in_seconds:", .number(value))
        } else {
            out.line(.tight, "Fill atts in sa vpi_length:", .number(attribute.value.count))
            out.line(.tight, "Fill atts in sa life_in_seconds:", .number(value))
        }
        out.line(.tight, "Returning Actual lifetime: ", .number(value))
        out.line(.doubled, "Started lifetime timer: ", .number(value), ".")
        out.empty()
    }

    /// `transform <n>, ESP_AES `: the name of a Quick Mode transform, with the blank that AES has behind it.
    static func transformName(_ suite: ChildSuite) -> StaticString? {
        switch suite.transform {
        case .cipher(.des): "ESP_DES"
        case .cipher(.tripleDES): "ESP_3DES"
        case .cipher(.null): "ESP_NULL"
        case .cipher(.aesCBC): "ESP_AES "
        case .integrity(.hmacMD5): "AH_MD5"
        case .integrity(.hmacSHA1): "AH_SHA"
        default: nil
        }
    }

    private static func duration(_ attribute: Attribute, _ name: StaticString, to out: LineWriter) {
        if attribute.isShort {
            out.line(.plainTight, .literal(name), "(basic) of ", .number(attribute.number ?? 0))
        } else {
            out.line(.unnumbered, .literal(name), "(VPI) of  ", .octets(attribute))
        }
    }

    private static func encryption(_ cipher: Cipher) -> StaticString? {
        switch cipher {
        case .des: "DES-CBC"
        case .idea: "IDEA-CBC"
        case .blowfish: "BLOWFISH-CBC"
        case .tripleDES: "3DES-CBC"
        case .cast: "CAST-CBC"
        case .aesCBC: "AES-CBC"
        case .camelliaCBC: "CAMELLIA-CBC"
        default: nil
        }
    }

    private static func hash(_ hash: Hash) -> StaticString? {
        switch hash {
        case .md5: "MD5"
        case .sha1: "SHA"
        case .sha256: "SHA256"
        case .sha384: "SHA384"
        case .sha512: "SHA512"
        case .tiger, .sm3, .identity, .other: nil
        }
    }

    private static func authentication(_ method: AuthenticationMethod) -> StaticString? {
        switch (method.credential, method.user) {
        case (.preSharedKey, nil): "pre-share"
        case (.rsaSignature, nil): "RSA sig"
        case (.rsaEncryption, nil): "RSA encr"
        case (.preSharedKey, .init(.xauth, .initiator)): "XAUTHInitPreShared"
        case (.rsaSignature, .init(.xauth, .initiator)): "XAUTHInitRSA"
        default: nil
        }
    }

    private static func authenticator(_ integrity: Integrity) -> StaticString? {
        switch integrity {
        case .hmacMD5: "HMAC-MD5"
        case .hmacSHA1: "HMAC-SHA"
        case .hmacSHA256: "HMAC-SHA256"
        case .hmacSHA384: "HMAC-SHA384"
        case .hmacSHA512: "HMAC-SHA512"
        default: nil
        }
    }

    static func encapsulation(_ mode: Encapsulation) -> StaticString? {
        switch mode {
        case .tunnel: "Tunnel"
        case .transport: "Transport"
        case .tunnelInUDP, .tunnelInUDPDraft: "Tunnel-UDP"
        case .transportInUDP, .transportInUDPDraft: "Transport-UDP"
        case .other: nil
        }
    }

    private static func lifeType(_ value: UInt64) -> StaticString? {
        switch value {
        case 1: "seconds"
        case 2: "kilobytes"
        default: nil
        }
    }
}
