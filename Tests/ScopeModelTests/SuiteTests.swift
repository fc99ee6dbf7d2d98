import ScopeDissect
import ScopeModel
import ScopeWire
import Testing

@Suite("Suites of IKEv1's transforms") struct SuiteTests {
    private func attribute(_ type: UInt16, _ value: UInt64, bytes: Int = 2) -> Attribute {
        Attribute(
            type: type, isShort: bytes == 2,
            value: (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) })
    }

    @Test("read what IOS 15 sends in message 1")
    func ike() {
        let transform = Transform(
            number: 1, id: 1,
            attributes: [
                attribute(1, 7), attribute(14, 256), attribute(2, 2), attribute(4, 14), attribute(3, 65_001),
                attribute(11, 1), attribute(12, 86_400, bytes: 4),
            ])
        let suite = IKESuite(transform)
        #expect(suite.cipher == .aesCBC && suite.keyLength == 256 && suite.hash == .sha1 && suite.group == .modp2048)
        #expect(suite.authentication == AuthenticationMethod(.preSharedKey, user: .init(.xauth, .initiator)))
        #expect(suite.lifetime.seconds == 86_400 && suite.lifetime.kilobytes == nil)
        #expect(SuiteText.text(suite) == "AES-CBC-256, SHA, group 14, XAUTH and pre-share (initiator), 86400 s")
    }

    @Test("read two lifetimes, each in the unit before it, and tell them in the order of the wire")
    func child() {
        let transform = Transform(
            number: 1, id: 12,
            attributes: [
                attribute(4, 61_443), attribute(1, 2), attribute(2, 4_608_000, bytes: 4), attribute(1, 1),
                attribute(2, 3600), attribute(5, 2), attribute(6, 128), attribute(3, 5), attribute(11, 1),
            ])
        let suite = ChildSuite(transform, of: .esp)
        #expect(suite.encapsulation == .tunnelInUDPDraft && suite.encapsulation?.isTunnel == true)
        #expect(suite.lifetime.seconds == 3600 && suite.lifetime.kilobytes == 4_608_000 && suite.hasESN)
        #expect(
            SuiteText.text(suite)
                == "ESP AES-CBC-128, HMAC-SHA, tunnel in UDP (draft), 4608000 kB, 3600 s, PFS group 5, 64-bit sequence numbers"
        )
    }

    @Test("take the first of attributes that come twice, and none of numbers beyond 16 bits")
    func hostile() {
        let twice = IKESuite(
            Transform(
                number: 1, id: 1, attributes: [attribute(2, 2), attribute(2, 1), attribute(4, 1 << 20, bytes: 8)]))
        #expect(twice.hash == .sha1 && twice.group == nil)
        let many = Transform(number: 1, id: 3, attributes: (0..<200).flatMap { [attribute(1, 1), attribute(2, $0)] })
        var seen: [UInt64] = []
        ChildSuite(many, of: .ah).lifetime.forEach { seen.append($0.value) }
        #expect(seen == [0, 1, 2])
    }

    @Test("differ in what decides alone, and of another cipher not in its key length")
    func differences() {
        var mine = IKESuite()
        (mine.cipher, mine.keyLength, mine.prf, mine.group) = (.aesCBC, 128, .hmac(.sha1), .modp1024)
        mine.lifetime = Lifetime(seconds: 3600)
        var theirs = mine
        theirs.lifetime = Lifetime(seconds: 60)
        #expect(mine.differences(from: theirs).isEmpty)
        theirs.keyLength = 256
        #expect(mine.differences(from: theirs) == [.keyLength])
        (theirs.cipher, theirs.keyLength, theirs.prf) = (.tripleDES, nil, .hmac(.md5))
        #expect(mine.differences(from: theirs) == [.cipher, .hash])
        let offer = Offer(choosing: mine)
        #expect(offer.differences(from: Offer(choosing: theirs)) == [.cipher, .hash])
    }

    @Test("of IOS's words are one and the same both ways", arguments: IOSWords.all)
    func words(_ word: IOSWords.Word) {
        var suite = ChildSuite(word.protocolID)
        switch word.algorithm {
        case .cipher(let cipher): suite.cipher = cipher
        case .compression(let compression): suite.compression = compression
        case .integrity(let integrity) where word.protocolID == .ah: suite.transformOfAH = integrity
        case .integrity(let integrity):
            #expect(IOSWords.integrity(integrity) == word.text)
            return
        }
        #expect(IOSWords.transform(suite) == word.text)
    }
}

@Suite("Traffic selectors") struct TrafficSelectorTests {
    private func selector(_ identity: Identity, _ protocolID: UInt8 = 0, port: UInt16 = 0) -> TrafficSelector {
        TrafficSelector(
            IdentificationPayload(type: .ipv4, protocolID: protocolID, port: port, data: 0..<0, identity: identity))
    }

    private let net = IPAddress(v4: 0x0A01_0000)
    private let last = IPAddress(v4: 0x0A01_00FF)

    @Test("are the same however the addresses are written")
    func equality() {
        let mask = IPAddress(v4: 0xFFFF_FF00)
        #expect(selector(.subnet(net, mask: mask)) == selector(.range(net, last)))
        // A host's own bits in a subnet mean nothing.
        #expect(selector(.subnet(IPAddress(v4: 0x0A01_0007), mask: mask)) == selector(.range(net, last)))
        #expect(selector(.address(net)) == selector(.subnet(net, mask: IPAddress(v4: .max))))
        #expect(selector(.address(net)) != selector(.address(net), 17, port: 500))
        // Without a protocol a port selects nothing.
        #expect(selector(.address(net), 0, port: 500) == selector(.address(net)))
    }

    @Test("hold what lies within, by address, protocol and port")
    func containing() {
        let subnet = selector(.range(net, last))
        #expect(subnet.contains(net) && subnet.contains(last) && !subnet.contains(IPAddress(v4: 0x0A01_0100)))
        #expect(!subnet.contains(IPAddress(v6high: 0, low: 0x0A01_0001)))
        #expect(subnet.contains(selector(.address(net), 6, port: 80)))
        #expect(!selector(.address(net), 6, port: 80).contains(selector(.address(net))))
        #expect(!selector(.range(net, last), 17).contains(selector(.address(net), 6)))
    }

    @Test("of a range that ends before it begins, or of a name, hold no address")
    func nothing() {
        let reversed = selector(.range(last, net))
        #expect(reversed.range == nil && !reversed.contains(net) && !reversed.isAll)
        #expect(selector(.fqdn("a")).range == nil && selector(.fqdn("a")) == selector(.fqdn("a")))
    }

    @Test("of two sides are mirrored, and narrowed")
    func pairs() {
        let all = selector(.subnet(IPAddress(v4: 0), mask: IPAddress(v4: 0)))
        let asked = ChildTraffic(initiator: [selector(.address(net))], responder: [all])
        let granted = ChildTraffic(initiator: [selector(.address(net))], responder: [selector(.range(net, last))])
        #expect(asked.contains(granted) && !granted.contains(asked) && asked.mirrored.mirrored == asked)
        #expect(asked.mirrored != asked && all.isAll && !selector(.range(net, last)).isAll)
    }

    @Test("of an answer count, and where there is none those that were asked for")
    func narrowing() {
        func identities(_ last: IPAddress) -> ProxyIdentities {
            let payload = IdentificationPayload(
                type: .ipv4Range, protocolID: 0, port: 0, data: 0..<0, identity: .range(net, last))
            return ProxyIdentities(initiator: payload, responder: payload)
        }
        var negotiation = ChildNegotiation(messageID: 1, initiatedBy: .initiator)
        #expect(negotiation.traffic == nil)
        negotiation.asked = identities(last)
        #expect(negotiation.traffic == identities(last).traffic)
        negotiation.granted = identities(net)
        #expect(
            negotiation.traffic == identities(net).traffic && negotiation.asked?.traffic == identities(last).traffic)
    }
}
