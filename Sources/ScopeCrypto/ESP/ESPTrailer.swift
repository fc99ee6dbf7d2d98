import ScopeModel

/// The end of an ESP plaintext: padding, pad length, next header (RFC 4303 sections 2.4 to 2.6).
enum ESPTrailer {
    /// The verdict on a plaintext of `length` bytes whose ICV was right.
    @inline(__always)
    static func verified(_ plaintext: UnsafePointer<UInt8>, length: Int, _ finding: ESPFinding) -> ESPOpening {
        guard length >= 2 else { return ESPOpening(.malformed(.tooShort), finding) }
        let padding = Int(plaintext[length - 2])
        guard padding <= length - 2 else { return ESPOpening(.malformed(.padLength), finding) }
        let payload = length - 2 - padding
        var finding = finding
        // The ICV vouches for the packet whatever the pad bytes hold; a receiver is to look at them all the same.
        for index in 0..<padding where plaintext[payload + index] != UInt8(truncatingIfNeeded: index + 1) {
            finding.hasPaddingFault = true
            break
        }
        return ESPOpening(.verified(payload: placed(payload), nextHeader: plaintext[length - 1]), finding)
    }

    /// The verdict where nothing vouches for the plaintext: padding and contents must make sense.
    static func unverified(_ plaintext: UnsafePointer<UInt8>, length: Int) -> ESPVerdict {
        guard length >= 2 else { return .malformed(.tooShort) }
        let padding = Int(plaintext[length - 2])
        guard padding <= length - 2 else { return .malformed(.padLength) }
        let payload = length - 2 - padding
        for index in 0..<padding where plaintext[payload + index] != UInt8(truncatingIfNeeded: index + 1) {
            return .malformed(.padBytes)
        }
        let next = plaintext[length - 1]
        guard isPlausible(plaintext, payload, next) else { return .malformed(.padBytes) }
        return .unverified(payload: placed(payload), nextHeader: next)
    }

    /// Where `count` bytes of payload lie in a `PlaintextBuffer`.
    @inline(__always)
    private static func placed(_ count: Int) -> Range<Int> {
        PlaintextBuffer.headroom..<(PlaintextBuffer.headroom + count)
    }

    private static func isPlausible(_ plaintext: UnsafePointer<UInt8>, _ payload: Int, _ next: UInt8) -> Bool {
        switch next {
        case 4:
            guard payload >= 20, plaintext[0] >> 4 == 4 else { return false }
            let total = Int(plaintext[2]) << 8 | Int(plaintext[3])
            return total >= 20 && total <= payload
        case 41: return payload >= 40 && plaintext[0] >> 4 == 6
        // ICMP, IGMP, TCP, UDP, GRE, ESP, AH, ICMPv6, none, EIGRP, OSPF, PIM, IPComp, VRRP, L2TP, SCTP, UDP-Lite,
        // and IPv6 extension headers.
        case 0, 1, 2, 6, 17, 43, 44, 47, 50, 51, 58, 59, 60, 88, 89, 103, 108, 112, 115, 132, 136: return true
        default: return false
        }
    }
}
