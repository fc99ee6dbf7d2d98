import IKEScope
import ScopeConfig
import ScopeFormatters
import ScopeModel
import ScopeWire

/// What one run of `Contract.program` does beside following its frames, by the first byte of the input.
///
///     | bits 5-7 look | bits 3-4 second run | bits 1-2 which keys | bit 0: 1 without keys |
struct Variation {
    enum Keys: UInt8 {
        /// Pre-shared keys and exponents of the lab.
        case lab
        /// Keys of single SAs.
        case sessions
        /// Nothing is encrypted.
        case plain
        /// Those of the lab, a list of candidates, and an export of what proves itself.
        case candidates
    }

    enum SecondRun: UInt8 { case none, twoThreads, conditions, both }

    /// Nil: without keys.
    let keys: Keys?
    let secondRun: SecondRun
    /// 0 to 7.
    let look: Int

    init(_ byte: UInt8) {
        keys = byte & 1 == 0 ? Keys(rawValue: byte >> 1 & 3) : nil
        secondRun = SecondRun(rawValue: byte >> 3 & 3) ?? .none
        look = Int(byte >> 5)
    }

    // MARK: Looks

    /// Two of the looks: with JSON and with text, of few words.
    var readsNoBytes: Bool { look & 5 == 0 }

    var hasConfigs: Bool { look & 1 == 1 }
    var hasJSON: Bool { look & 2 == 2 }
    var isDetailed: Bool { look & 4 == 4 }

    /// The views that are not those of both devices, in turn.
    var view: View {
        let initiator = IPAddress(v4: 0xC000_020A)
        let responder = IPAddress(v4: 0xC633_6414)
        let views: [View] = [
            .automatic, .responder, .address(responder), .local([initiator, responder]), .initiator,
            .address(initiator), .local([]), .responder,
        ]
        return views[look]
    }

    /// The transcript of both devices is IOS's, that of one of them is IOS XE's, or the other way round.
    func debug(_ view: View) -> IOSDebugFormatter.Options {
        var options = IOSDebugFormatter.Options()
        options.view = view
        options.family = (view == .both) == (look & 1 == 0) ? .classic : .xe
        options.annotations = view == .both || look & 2 == 0
        if view != .both, look & 6 == 6 { options.commands = .ipsec }
        options.zone = .utc
        options.showSecrets = isDetailed
        if isDetailed { options.details = [.packet, .internal] }
        return options
    }

    var packets: PacketOptions {
        var options = PacketOptions()
        options.zone = .utc
        options.fields = true
        options.bytes = !hasJSON
        options.showSecrets = isDetailed
        return options
    }

    var show: ShowFormatter.Options {
        var options = ShowFormatter.Options()
        options.view = view
        options.isDetailed = isDetailed
        options.zone = .utc
        if look == 3 || look == 4 { options.at = ShowPoint(look == 3 ? "+1.5" : "22:13:30") }
        return options
    }

    var decrypt: DecryptedCaptureWriter.Options {
        var options = DecryptedCaptureWriter.Options()
        options.ike = true
        options.unverified = look & 1 == 0
        options.showSecrets = isDetailed
        return options
    }

    var configs: [IOSConfig] { hasConfigs ? [Self.config] : [] }

    /// Conditions that the corpus' frames meet, and one that none does.
    var conditions: Conditions { Conditions(Self.conditions[look]) }

    private static let conditions: [[Condition]] = [
        ["peer ipv4 192.0.2.10"], ["spi 0x11111111", "spi 0xa0603685"], ["connid 1001"], ["unmatched"],
        ["peer hostname carol.example.net", "peer hostname left.example.org"], ["peer username carol"],
        ["peer group GROUP", "unmatched ipsec"], ["local ipv6 2001:db8::1", "unmatched isakmp"],
    ].map { texts in texts.compactMap { try? Condition(parsing: $0) } }

    /// The device of the corpus' initiator: it refuses some of what is offered to it.
    private static let config = IOSConfig(
        bytes: Array(
            """
            hostname LEFT
            crypto isakmp policy 10
             encr aes
             authentication pre-share
             group 2
            crypto isakmp policy 20
             encr 3des
             hash md5
             authentication rsa-sig
            crypto isakmp key cisco123 address 198.51.100.20
            crypto ipsec transform-set LAB esp-aes esp-sha-hmac
            crypto map OUTSIDE 10 ipsec-isakmp
             set peer 198.51.100.20
             set transform-set LAB
             set pfs group2
             match address VPN
            interface GigabitEthernet0/0
             ip address 192.0.2.10 255.255.255.0
             crypto map OUTSIDE
            ip access-list extended VPN
             permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255

            """.utf8), path: "fuzz.cfg")
}
