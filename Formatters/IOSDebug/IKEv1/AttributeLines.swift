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
            case 1: out.line(.plainTight, "      encryption ", .word(encryption(value)))
            case 2: out.line(.plainTight, "      hash ", .word(hash(value)))
            case 3: out.line(.plainTight, "      auth ", .word(authentication(value)))
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
                out.line(.plainTight, "      encaps is ", .number(value), " (", .word(encapsulation(value)), ")")
            case 5: out.line(.plainTight, "      authenticator is ", .word(authenticator(value)))
            case 6: out.line(.plainTight, "      key length is ", .number(value))
            default: break
            }
        }
    }

    /// The lines behind `atts are acceptable` in phase 1.
    ///
    /// The device's own lifetime is unknown: the offer stands for the result, and 0 for the rest.
    static func lifetime(_ transform: Transform, to out: LineWriter) {
        guard let attribute = transform.attributes.first(where: { $0.type == 12 }), let value = attribute.number,
            transform.value(11) == 1
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
    static func transformName(_ transform: Transform, of proposal: Proposal) -> StaticString? {
        switch (proposal.protocolID, transform.id) {
        case (.esp, 2): "ESP_DES"
        case (.esp, 3): "ESP_3DES"
        case (.esp, 11): "ESP_NULL"
        case (.esp, 12): "ESP_AES "
        case (.ah, 2): "AH_MD5"
        case (.ah, 3): "AH_SHA"
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

    private static func encryption(_ value: UInt64) -> StaticString? {
        switch value {
        case 1: "DES-CBC"
        case 2: "IDEA-CBC"
        case 3: "BLOWFISH-CBC"
        case 5: "3DES-CBC"
        case 6: "CAST-CBC"
        case 7: "AES-CBC"
        case 8: "CAMELLIA-CBC"
        default: nil
        }
    }

    private static func hash(_ value: UInt64) -> StaticString? {
        switch value {
        case 1: "MD5"
        case 2: "SHA"
        case 4: "SHA256"
        case 5: "SHA384"
        case 6: "SHA512"
        default: nil
        }
    }

    private static func authentication(_ value: UInt64) -> StaticString? {
        switch value {
        case 1: "pre-share"
        case 3: "RSA sig"
        case 4: "RSA encr"
        case 65001: "XAUTHInitPreShared"
        case 65005: "XAUTHInitRSA"
        default: nil
        }
    }

    private static func authenticator(_ value: UInt64) -> StaticString? {
        switch value {
        case 1: "HMAC-MD5"
        case 2: "HMAC-SHA"
        case 5: "HMAC-SHA256"
        case 6: "HMAC-SHA384"
        case 7: "HMAC-SHA512"
        default: nil
        }
    }

    static func encapsulation(_ value: UInt64) -> StaticString? {
        switch value {
        case 1: "Tunnel"
        case 2: "Transport"
        case 3, 61443: "Tunnel-UDP"
        case 4, 61444: "Transport-UDP"
        default: nil
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
