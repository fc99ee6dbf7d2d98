import ScopeDissect
import ScopeModel

/// What several formats say of an ICMP error, of fragments, and of a packet that needs no key.
enum NoticeLines {
    /// What an ICMP error says, in words.
    static func reason(_ error: ICMPError) -> String {
        let mtu = error.mtu > 0 ? " (MTU \(error.mtu))" : ""
        let known: String? =
            switch (error.isV6, error.type, error.code) {
            case (false, 3, 0), (false, 3, 6), (false, 3, 11), (true, 1, 0): "network unreachable"
            case (false, 3, 1), (false, 3, 7), (false, 3, 8), (false, 3, 12), (true, 1, 3): "host unreachable"
            case (false, 3, 2), (true, 4, 1): "protocol unreachable"
            case (false, 3, 3), (true, 1, 4): "port unreachable"
            case (false, 3, 4), (true, 2, 0): "packet too big" + mtu
            case (false, 3, 5), (true, 1, 7): "source route failed"
            case (false, 3, 9), (false, 3, 10), (false, 3, 13), (true, 1, 1): "administratively prohibited"
            case (false, 3, 14), (false, 3, 15): "precedence not allowed"
            case (true, 1, 2): "beyond the scope of the source address"
            case (true, 1, 5): "source address refused by policy"
            case (true, 1, 6): "route refused"
            case (false, 4, _): "source quench"
            case (false, 5, _): "redirect"
            case (false, 11, 1), (true, 3, 1): "fragment reassembly time exceeded"
            case (false, 11, _), (true, 3, _): "time exceeded"
            case (false, 12, _), (true, 4, _): "parameter problem"
            default: nil
            }
        return known ?? "ICMP\(error.isV6 ? "v6" : "") error type \(error.type) code \(error.code)"
    }

    /// That it can be read without a key, and how sure that is.
    static func readable(_ null: NullEncryption) -> String {
        let bits = Int(null.icvLength) * 8
        let what = null.hasIV ? "an IV and no encryption, as AES-GMAC has it" : "NULL encryption"
        let icv = bits == 0 ? "no ICV" : "an ICV of \(bits) bits that nobody checked"
        return "readable without a key: \(what), \(null.certainty == .certain ? "certain" : "likely"), \(icv)"
    }

    /// The frames of the fragments that a notice is about.
    static func frames(of notice: ReassemblyNotice) -> [Int] {
        switch notice {
        case .overlap(let frames), .incomplete(let frames, _): frames
        case .refused(let frame, _): [frame]
        }
    }
}
