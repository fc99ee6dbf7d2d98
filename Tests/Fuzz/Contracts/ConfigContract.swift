import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

extension Contract {
    /// Any bytes are a configuration.
    ///
    /// A line that is not understood is one of the file and told in printable words; what was read is the same when it
    /// is written out as IOS has it and read again; and it can be asked anything about a negotiation.
    public static let config = Contract(name: "FuzzConfig") { bytes in
        let config = IOSConfig(bytes: bytes, path: "fuzz")
        try require(config.unread.count <= config.unreadCount, "more lines not understood than were")
        for line in config.unread {
            try require(
                (1...max(config.lineCount, 1)).contains(line.number), "line \(line.number) of \(config.lineCount)")
        }
        var texts = config.unread.flatMap { [$0.text, $0.why] }
        texts += config.policies.map(IOSText.policy) + config.transformSets.map(IOSText.transformSet)
        texts += config.keys.map { IOSText.peer($0.peer) } + config.profiles.flatMap { $0.matches.map(IOSText.match) }
        texts += config.ikev2.profiles.flatMap { $0.matches.map(IKEv2Text.identity) }
        texts += config.ikev2.keyrings.flatMap { $0.peers.map(\.name) }
        for list in config.accessLists { texts += list.entries.map { IOSText.entry($0, isExtended: list.isExtended) } }
        for scalar in texts.joined().unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            try require(!isControl, "U+\(String(scalar.value, radix: 16)) in a line for a terminal")
        }
        try readAgain(config)
        try ask(config)
        try askIKEv2(config)
    }

    /// The same of IKEv2.
    private static func askIKEv2(_ config: IOSConfig) throws(Violation) {
        let (own, peer) = (IPAddress(v4: 0xC000_020A), IPAddress(v4: 0xC633_6414))
        var algorithms = AlgorithmSet()
        algorithms.ciphers = [.init(.aesCBC, keyLength: 256), .init(.aesGCM16, keyLength: 128)]
        (algorithms.integrities, algorithms.prfs) = ([.hmacSHA256], [.hmac(.sha256)])
        algorithms.groups = [.modp2048, nil]
        let check = config.checkIKEv2([(1, algorithms)], local: own)
        try require(check.match == nil || check.nearest?.differences.isEmpty == true, "the nearest is no match")
        for pairing in check.closest { try require(pairing.reasons.count == pairing.differences.count, "no reason") }
        for identity: Identity in [.address(peer), .fqdn("hq.example.net"), .keyID([1]), .userFQDN("a@b"), .other([])] {
            let found = config.checkIKEv2Peer(identity, at: peer, local: own)
            try require(found.profile?.takes(identity) != false, "a profile that refuses")
            var request = Phase2Request(
                local: own, peer: peer, offers: Offer.choices(number: 1, .esp, algorithms),
                flow: ProxyFlow(local: .address(own), remote: .address(peer)), pfs: .modp2048, identity: identity)
            request.version = .v2
            let children = config.checkPhase2(request)
            try require(children.entries.isEmpty != (children.absence == nil), "entries and their absence")
        }
    }

    private static func readAgain(_ config: IOSConfig) throws(Violation) {
        for list in config.accessLists where list.isExtended {
            // Options are words of the file, which the next reading cuts where this one did.
            let entries = list.entries.map { entry in
                var entry = entry
                entry.options = []
                return entry
            }
            // IOS has no list of both families, as ASA has.
            let families = Set(entries.flatMap { [isV6($0.source), isV6($0.destination)] })
            guard families.count < 2 else { continue }
            let isNewer = families.contains(true)
            let lines = entries.map { "\(isNewer ? " sequence" : "") \($0.sequence) \(IOSText.entry($0))\n" }
            let text = (isNewer ? "ipv6 access-list L\n" : "ip access-list extended L\n") + lines.joined()
            let again = IOSConfig(bytes: Array(text.utf8), path: "again").accessList("L")?.entries ?? []
            // Of two entries with one number IOS has the later.
            let last = Dictionary(entries.map { ($0.sequence, $0) }) { $1 }
            for entry in again {
                try require(last[entry.sequence].map { $0.isSame(as: entry) } ?? false, "reads \(entry) of \(text)")
            }
            try require(again.count == last.count, "\(again.count) entries of \(last.count)")
        }
    }

    private static func isV6(_ match: AddressMatch) -> Bool { if case .prefix = match { true } else { false } }

    private static func ask(_ config: IOSConfig) throws(Violation) {
        let (own, peer) = (IPAddress(v4: 0xC000_020A), IPAddress(v4: 0xC633_6414))
        let attributes = [(1, 7), (2, 2), (3, 1), (4, 2), (14, 256)].map { type, value in
            Attribute(type: UInt16(type), isShort: true, value: [UInt8(value >> 8), UInt8(value & 255)])
        }
        let offered = Transform(number: 1, id: 12, attributes: attributes)
        let check = config.checkPhase1([Offer(choosing: IKESuite(offered))])
        try require(check.match == nil || check.nearest?.differences.isEmpty == true, "the nearest is no match")
        let proposal = Proposal(number: 1, protocolID: .esp, spi: [1, 2, 3, 4], transforms: [offered])
        let range = Identity.range(IPAddress(v4: 0x0A01_0003), IPAddress(v4: 0x0A01_FFFE))
        let identities: [Identity] = [
            .address(peer), range, .subnet(IPAddress(v4: 0x0A02_0000), mask: IPAddress(v4: 0xFFFF_0000)),
            .fqdn("spoke.example.net"), .keyID([1]), .distinguishedName("cn=x"), .userFQDN("a@b"), .other([]),
        ]
        for identity in identities {
            let request = Phase2Request(
                local: own, peer: peer, offers: [Offer(offered, of: proposal)],
                flow: ProxyFlow(local: range, remote: identity),
                pfs: .modp1024, identity: identity)
            let found = config.checkPhase2(request)
            try require(found.entries.isEmpty != (found.absence == nil), "entries and their absence")
            try require(found.accepted == nil || found.forPeer.first?.obstacles == [], "accepted, and not the nearest")
            _ = config.checkKey(for: peer, local: own, identity: identity)
            _ = config.profile(matching: identity, local: own)
        }
        _ = config.device(of: own, or: peer)
        let mirror = config.mirrorCheck(against: config, local: own, peer: own)
        try require(mirror == nil || mirror?.left == mirror?.right, "a list against itself")
    }
}
