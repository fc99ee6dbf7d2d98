import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire
import Testing

@Suite("Offered phase 1 transforms") struct Phase1CheckTests {
    @Test("match the first policy that agrees, in IOS's order")
    func match() throws {
        let config = Sample.read(Sample.siteToSite)
        let check = config.checkPhase1([
            Sample.phase1(7, 4, group: 14, bits: 256), Sample.phase1(5, 2, group: 2, number: 2),
        ])
        let match = try #require(check.match)
        #expect(match.policy.number == 5 && match.transform == 2)
        #expect(
            check.pairings.map { "\($0.policy.number)/\($0.transform)" } == [
                "5/1", "5/2", "10/1", "10/2", "65535/1", "65535/2",
            ])
    }

    @Test(
        "say attribute by attribute why a policy does not fit",
        arguments: [
            (Sample.phase1(7, 4, group: 14, bits: 128), "key length: 128 offered, 256 configured"),
            (Sample.phase1(7, 2, group: 14, bits: 256), "hash: sha offered, sha256 configured"),
            (Sample.phase1(7, 4, group: 5, bits: 256), "group: 5 offered, 14 configured"),
            (
                Sample.phase1(7, 4, group: 14, bits: 256, method: 3),
                "authentication: rsa-sig offered, pre-share configured"
            ),
            (Sample.phase1(1, 4, group: 14), "encryption: des offered, aes 256 configured"),
            (Sample.phase1(7, 4, group: 14), "key length: none offered, 256 configured"),
        ])
    func differences(_ offer: Offer, _ text: String) throws {
        let check = Sample.read(Sample.siteToSite).checkPhase1([offer])
        #expect(check.match == nil)
        let ten = try #require(check.pairings.first { $0.policy.number == 10 })
        #expect(ten.reasons == [text])
        #expect(check.nearest?.policy.number == 10)
    }

    @Test("never fail by a lifetime")
    func lifetime() {
        let offer = Sample.phase1(5, 2, group: 2, life: 60)
        #expect(Sample.read(Sample.siteToSite).checkPhase1([offer]).match?.policy.number == 5)
    }

    @Test("meet the policies that IOS has by itself, where it may have them")
    func defaults() {
        let offer = [Sample.phase1(7, 2, group: 5, bits: 128)]
        let bare = Sample.read("crypto isakmp key K address 10.0.0.1\n").checkPhase1(offer)
        #expect(bare.usesDefaults && bare.match?.policy.number == 65_508)
        let none = Sample.read("no crypto isakmp default policy\n").checkPhase1(offer)
        #expect(none.pairings.isEmpty && none.match == nil)
    }

    @Test("with XAUTH fit where users are asked for, and nowhere else")
    func xauth() {
        let offer = [Sample.phase1(5, 2, group: 2, method: 65001)]
        #expect(Sample.read(Sample.ezvpn).checkPhase1(offer).match?.policy.number == 3)
        #expect(Sample.read(Sample.siteToSite).checkPhase1(offer).match == nil)
    }
}

@Suite("The key of a peer") struct KeyCheckTests {
    @Test("is found by the most exact address")
    func exact() {
        let config = Sample.read(
            """
            crypto isakmp key A address 0.0.0.0 0.0.0.0
            crypto isakmp key B address 198.51.100.20
            crypto isakmp key C address 198.51.100.0 255.255.255.0
            """)
        let check = config.checkKey(for: Sample.address("198.51.100.20"), local: Sample.address("192.0.2.10"))
        #expect(check.found.map(\.key.line) == [2, 3, 1] && check.keyCount == 3)
    }

    @Test("is missing where the address is another one")
    func missing() {
        let config = Sample.read("crypto isakmp key A address 198.51.100.2\n")
        let check = config.checkKey(for: Sample.address("198.51.100.20"), local: Sample.address("192.0.2.10"))
        #expect(check.found.isEmpty && check.outOfReach.isEmpty && check.keyCount == 1)
    }

    @Test("is out of reach in the keyring of another VRF, or of another address")
    func reach() throws {
        let peer = Sample.address("198.51.100.20"), local = Sample.address("192.0.2.1")
        #expect(Sample.read(Sample.dmvpn).checkKey(for: peer, local: local).found.map(\.keyring) == ["OUTSIDE"])
        let other = Sample.dmvpn.replacing("ip vrf forwarding INET", with: "ip vrf forwarding LAN")
        let check = Sample.read(other).checkKey(for: peer, local: local)
        #expect(check.found.isEmpty && check.outOfReach.count == 1)
        #expect(check.outOfReach.first?.why.contains("VRF INET") == true)
        let bound = Sample.read(
            """
            interface GigabitEthernet0/0
             ip address 192.0.2.1 255.255.255.0
            interface GigabitEthernet0/1
             ip address 192.0.2.129 255.255.255.128
            crypto keyring K
              local-address Gi0/1
              pre-shared-key address 0.0.0.0 0.0.0.0 key X
            """)
        #expect(bound.checkKey(for: peer, local: local).found.isEmpty)
        #expect(bound.checkKey(for: peer, local: Sample.address("192.0.2.129")).found.count == 1)
    }

    @Test("is found by the identity, of a host or of a group")
    func identity() {
        let peer = Sample.address("198.51.100.99"), local = Sample.address("192.0.2.10")
        let site = Sample.read(Sample.siteToSite)
        #expect(site.checkKey(for: peer, local: local, identity: .fqdn("Branch3.example.net")).found.count == 1)
        #expect(site.checkKey(for: peer, local: local, identity: .fqdn("branch4.example.net")).found.isEmpty)
        let named = Sample.read(Sample.siteToSite + "\nip host branch3.example.net 198.51.100.99\n")
        #expect(named.checkKey(for: peer, local: local).found.count == 1)
        let server = Sample.read(Sample.ezvpn)
        #expect(
            server.checkKey(for: peer, local: local, identity: .keyID(Array("SALES".utf8))).found.first?.group
                == "SALES")
        #expect(server.checkKey(for: peer, local: local, identity: .keyID(Array("sales".utf8))).found.isEmpty)
    }
}

@Suite("A profile and a received identity") struct ProfileTests {
    @Test(
        "agree or not",
        arguments: [
            (Identity.address(Sample.address("198.51.100.7")), true), (.address(Sample.address("198.51.101.7")), false),
            (.fqdn("spoke1.EXAMPLE.net"), true), (.fqdn("example.net.evil.org"), false),
            (.fqdn("notexample.net"), false),
            (.userFQDN("x@example.org"), true), (.userFQDN("x@example.net"), false),
            (.keyID(Array("SALES".utf8)), false),
        ])
    func verdict(_ identity: Identity, _ fits: Bool) throws {
        let config = Sample.read(Sample.dmvpn)
        let found = config.profile(matching: identity, local: Sample.address("192.0.2.1"))
        #expect((found?.name == "SPOKES") == fits)
    }

    @Test("of another VRF do not")
    func vrf() throws {
        let profile = try #require(Sample.read(Sample.dmvpn).profile("SPOKES"))
        #expect(profile.verdict(on: .address(Sample.address("198.51.100.7")), vrf: nil) == .refuses)
    }

    @Test("leave it open where a certificate decides")
    func certificate() throws {
        let config = Sample.read("crypto isakmp profile P\n match certificate MAP\n match identity group G\n")
        let profile = try #require(config.profile("P"))
        #expect(profile.verdict(on: .distinguishedName("cn=a,ou=G")) == .unknown)
        #expect(profile.verdict(on: .keyID(Array("G".utf8))) == .matches(.group("G")))
    }
}

@Suite("A Quick Mode and a configuration") struct Phase2CheckTests {
    /// 198.51.100.20 asks HQ for traffic between the two networks.
    private func request(
        peer: String = "198.51.100.20", local: String = "192.0.2.10",
        from remote: Identity = Sample.subnet("10.2.0.0", "255.255.0.0"),
        to mine: Identity = Sample.subnet("10.1.0.0", "255.255.0.0"),
        _ offers: [Offer] = [Sample.esp(12, bits: 256, integrity: 5, pfs: 14)], pfs: DHGroup? = .modp2048,
        identity: Identity? = nil, protocolID: UInt8 = 0, port: UInt16 = 0
    ) -> Phase2Request {
        Phase2Request(
            local: Sample.address(local), peer: Sample.address(peer), offers: offers,
            flow: ProxyFlow(local: mine, remote: remote, protocolID: protocolID, localPort: port), pfs: pfs,
            identity: identity)
    }

    private func obstacles(_ request: Phase2Request, _ text: String = Sample.siteToSite) -> [Phase2Check.Obstacle] {
        Sample.read(text).checkPhase2(request).forPeer.first?.obstacles ?? []
    }

    @Test("agree: entry, transform set and the line of the access list are named")
    func accepted() throws {
        let check = Sample.read(Sample.siteToSite).checkPhase2(request())
        let entry = try #require(check.accepted)
        #expect(entry.place == .map("VPN", 10, interface: "GigabitEthernet0/0"))
        #expect(entry.transformSet == "AES256")
        guard case .exact(let line) = entry.accessList else {
            Issue.record("\(String(describing: entry.accessList))")
            return
        }
        #expect(line.sequence == 10)
    }

    @Test("agree where the peer asks for less than the entry allows")
    func within() throws {
        let asked = request(from: .address(Sample.address("10.2.0.5")), protocolID: 6, port: 22)
        let entry = try #require(Sample.read(Sample.siteToSite).checkPhase2(asked).accepted)
        guard case .within = entry.accessList else {
            Issue.record("\(String(describing: entry.accessList))")
            return
        }
    }

    @Test("differ in the peer's address")
    func peer() {
        let check = Sample.read(Sample.siteToSite).checkPhase2(request(peer: "198.51.100.99"))
        #expect(check.accepted == nil && check.forPeer.isEmpty)
        #expect(
            check.entries.map { $0.obstacles.first } == [
                .peer(["198.51.100.20", "198.51.100.21"]), .peer(["203.0.113.7"]),
            ])
    }

    @Test("differ in the traffic: wider, elsewhere, denied")
    func proxies() throws {
        let list = try #require(Sample.read(Sample.siteToSite).accessList("BRANCH1"))
        #expect(
            obstacles(request(from: Sample.subnet("10.0.0.0", "255.0.0.0"))) == [
                .proxies(list: "BRANCH1", .none(nearest: list.entries[0]))
            ])
        // The mirror image the wrong way round.
        #expect(
            obstacles(
                request(from: Sample.subnet("10.1.0.0", "255.255.0.0"), to: Sample.subnet("10.2.0.0", "255.255.0.0")))
                == [.proxies(list: "BRANCH1", .none(nearest: nil))])
        let denying = Sample.siteToSite.replacing(
            " 20 deny   ip host 10.1.9.9 any log", with: " 5 deny ip host 10.1.9.9 any")
        let refused = obstacles(request(to: .address(Sample.address("10.1.9.9"))), denying)
        guard case .proxies(_, .denied(let entry)) = refused.first else {
            Issue.record("\(refused)")
            return
        }
        #expect(entry.sequence == 5)
    }

    @Test(
        "differ in the transform set, and say in what",
        arguments: [
            (Sample.esp(12, bits: 128, integrity: 5), "esp-aes offered, esp-aes 256 configured"),
            (Sample.esp(12, bits: 256, integrity: 2), "esp-sha-hmac offered, esp-sha256-hmac configured"),
            (Sample.esp(12, bits: 256, integrity: 5, mode: 2), "mode transport offered, tunnel configured"),
            (Sample.esp(20, bits: 256, integrity: nil), "esp-gcm 256 offered, esp-aes 256 configured"),
            (Sample.esp(12, bits: 256, integrity: 5, mode: 61444), "mode transport offered, tunnel configured"),
        ])
    func transforms(_ offer: Offer, _ text: String) {
        let found = obstacles(request([offer]))
        guard case .transforms(let differences) = found.first else {
            Issue.record("\(found)")
            return
        }
        #expect(differences.map(\.set) == ["AES256", "OLD"])
        #expect(differences.first?.what.first == text)
    }

    @Test("agree on any set that the entry names, in UDP too, and on a bundle of AH and ESP whole alone")
    func sets() {
        let config = Sample.read(Sample.siteToSite)
        #expect(config.checkPhase2(request([Sample.esp(3, integrity: 1, mode: 3)])).accepted?.transformSet == "OLD")
        let bundle = Sample.read(
            Sample.siteToSite.replacing("esp-aes 256 esp-sha256-hmac", with: "ah-sha-hmac esp-aes 256 esp-sha256-hmac")
                .replacing("set transform-set AES256 OLD", with: "set transform-set AES256"))
        let esp = Sample.esp(12, bits: 256, integrity: 5)
        let ah = Sample.offer(.ah, Sample.transform(3, [(4, 1), (5, 2)]))
        #expect(bundle.checkPhase2(request([ah, esp])).accepted?.transformSet == "AES256")
        #expect(bundle.checkPhase2(request([esp])).accepted == nil)
    }

    /// Cisco's rule for `set pfs`, the responder's side.
    @Test(
        "agree on PFS or not",
        arguments: [
            ("set pfs group14", DHGroup.modp2048, true), ("set pfs group14", .modp1024, false),
            ("set pfs group14", nil, false),
            ("set pfs", .modp768, true), ("set pfs", .modp1024, true), ("set pfs", nil, false),
            ("set pfs", .modp2048, false),
            ("reverse-route", nil, true), ("reverse-route", .modp4096, true),
        ])
    func pfs(_ line: String, _ offered: DHGroup?, _ fits: Bool) {
        let text = Sample.siteToSite.replacing("set pfs group14", with: line)
        let found = obstacles(request(pfs: offered), text)
        #expect(found.isEmpty == fits)
        if !fits, case .pfs(_, let group) = found.first { #expect(group == offered) } else { #expect(fits) }
    }

    @Test("differ in the configuration itself: nothing applied, nothing there")
    func broken() {
        let bare = Sample.read(Sample.siteToSite.replacing(" crypto map VPN\n", with: "\n"))
        #expect(bare.checkPhase2(request()).absence == .nothingApplied(interface: "GigabitEthernet0/0"))
        let unknown = Sample.read(Sample.siteToSite.replacing(" crypto map VPN\n", with: " crypto map VNP\n"))
        #expect(unknown.checkPhase2(request()).absence == .emptyMap("VNP", interface: "GigabitEthernet0/0"))
        #expect(
            obstacles(request(), Sample.siteToSite.replacing("extended BRANCH1", with: "extended BRANCH2"))
                == [.accessListMissing("BRANCH1")])
        #expect(
            obstacles(
                request(), Sample.siteToSite.replacing("transform-set AES256 esp", with: "transform-set AES265 esp")
            )
            .first == .transformSetMissing("AES256"))
        #expect(
            obstacles(request(), Sample.siteToSite.replacing(" match address BRANCH1\n", with: ""))
                == [.incomplete("no match address")])
        #expect(
            obstacles(request(), Sample.siteToSite.replacing(" set pfs group14", with: " set isakmp-profile NONE"))
                == [.profileMissing("NONE")])
    }

    @Test("leave it open where the access list was not understood")
    func open() {
        let text = Sample.siteToSite.replacing(
            " 10 permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255",
            with: " 10 permit ip object-group A object-group B")
        #expect(obstacles(request(), text) == [.proxies(list: "BRANCH1", .unknown)])
    }

    @Test("meet at a DMVPN hub: GRE between the ends, in transport mode, the profile by the identity")
    func hub() {
        let spoke = Sample.address("198.51.100.7")
        let offer = Sample.esp(12, bits: 128, integrity: 2, mode: 2)
        let good = Phase2Request(
            local: Sample.address("192.0.2.1"), peer: spoke, offers: [offer],
            flow: ProxyFlow(local: .address(Sample.address("192.0.2.1")), remote: .address(spoke), protocolID: 47),
            pfs: .modp1536, identity: .address(spoke))
        let config = Sample.read(Sample.dmvpn)
        let place = config.checkPhase2(good).accepted?.place
        #expect(place == .tunnel(interface: "Tunnel0", profile: "DMVPN"))
        var stranger = good
        stranger.identity = .fqdn("spoke.example.com")
        #expect(
            config.checkPhase2(stranger).entries.first?.obstacles
                == [.profile("SPOKES", .fqdn("spoke.example.com"))])
        var tunnel = good
        tunnel.offers = [Sample.esp(12, bits: 128, integrity: 2, mode: 1)]
        guard case .transforms = config.checkPhase2(tunnel).entries.first?.obstacles.first else {
            Issue.record("tunnel mode is not refused")
            return
        }
        var everything = good
        everything.flow = ProxyFlow(
            local: Sample.subnet("0.0.0.0", "0.0.0.0"), remote: Sample.subnet("0.0.0.0", "0.0.0.0"))
        #expect(config.checkPhase2(everything).accepted == nil)
    }

    @Test("meet at a virtual tunnel interface, which wants everything in one SA")
    func virtualTunnel() {
        let config = Sample.read(
            Sample.dmvpn.replacing("crypto ipsec profile VTI", with: "crypto ipsec profile VTI\n set transform-set TS"))
        let all = Sample.subnet("0.0.0.0", "0.0.0.0")
        func asked(_ mine: Identity) -> Phase2Request {
            Phase2Request(
                local: Sample.address("192.0.2.1"), peer: Sample.address("203.0.113.9"),
                offers: [Sample.esp(12, bits: 128, integrity: 2)], flow: ProxyFlow(local: mine, remote: all),
                pfs: nil)
        }
        #expect(config.checkPhase2(asked(all)).accepted?.place == .tunnel(interface: "Tunnel1", profile: "VTI"))
        #expect(config.checkPhase2(asked(Sample.subnet("10.1.0.0", "255.255.0.0"))).accepted == nil)
    }

    @Test("meet at a dynamic map: any peer, and any traffic where no list is named")
    func dynamic() {
        let config = Sample.read(Sample.ezvpn)
        let asked = Phase2Request(
            local: Sample.address("192.0.2.55"), peer: Sample.address("203.0.113.1"),
            offers: [Sample.esp(3, integrity: 2)],
            flow: ProxyFlow(local: Sample.subnet("0.0.0.0", "0.0.0.0"), remote: .address(Sample.address("10.9.9.1"))),
            pfs: nil)
        #expect(
            config.checkPhase2(asked).accepted?.place
                == .dynamicMap("DYN", 10, map: "OUT", interface: "FastEthernet0/0"))
    }
}

@Suite("A device and the other") struct PairTests {
    @Test("are told by the addresses of interfaces, else by whom they call")
    func device() {
        let (a, b) = (Sample.address("192.0.2.10"), Sample.address("198.51.100.20"))
        let config = Sample.read(Sample.siteToSite)
        #expect(config.device(of: a, or: b)?.address == a && config.device(of: b, or: a)?.address == a)
        #expect(config.device(of: Sample.address("192.0.2.12"), or: b)?.because == .interface("GigabitEthernet0/0"))
        // Behind NAT none of its addresses is seen.
        #expect(config.device(of: Sample.address("203.0.113.99"), or: b)?.because == .peer)
        #expect(config.device(of: Sample.address("203.0.113.98"), or: Sample.address("203.0.113.99")) == nil)
    }

    @Test("have mirrored lists, or the entries without an image are named")
    func mirror() throws {
        let (a, b) = (Sample.address("192.0.2.10"), Sample.address("198.51.100.20"))
        for name in ["phase1-proposal", "phase2-transform", "pfs", "different-psk"] {
            let check = try #require(
                try Sample.shipped("\(name).left.cfg").mirrorCheck(
                    against: try Sample.shipped("\(name).right.cfg"), local: a, peer: b))
            #expect(check.isMirrored)
        }
        let check = try #require(
            try Sample.shipped("proxy-identities.left.cfg").mirrorCheck(
                against: try Sample.shipped("proxy-identities.right.cfg"), local: a, peer: b))
        #expect(check.onlyLeft.map { IOSText.entry($0.entry) } == ["permit ip 10.1.0.0 0.0.0.255 10.2.0.0 0.0.0.255"])
        #expect(check.onlyRight.map { IOSText.entry($0.entry) } == ["permit ip 10.9.0.0 0.0.0.255 10.1.0.0 0.0.0.255"])
        #expect(
            check.onlyLeft.first?.nearest.map { IOSText.entry($0) } == "permit ip 10.9.0.0 0.0.0.255 10.1.0.0 0.0.0.255"
        )
    }

    @Test("compare wildcards that are no masks, and ranges")
    func wildcards() {
        let odd = AddressMatch(0x0A00_0001, wildcard: 0x00FF_00FE)
        #expect(odd.covers(.address(Sample.address("10.77.0.3"))) == true)
        #expect(odd.covers(.address(Sample.address("10.77.0.4"))) == false)
        let net = AddressMatch(0x0A01_0000, wildcard: 0xFFFF)
        #expect(net.covers(.range(Sample.address("10.1.0.3"), Sample.address("10.1.255.255"))) == true)
        #expect(net.covers(.range(Sample.address("10.1.0.3"), Sample.address("10.2.0.0"))) == false)
        #expect(net.equals(.range(Sample.address("10.1.0.0"), Sample.address("10.1.255.255"))))
        #expect(net.covers(.range(Sample.address("10.1.0.9"), Sample.address("10.1.0.1"))) == nil)
        #expect(AddressMatch.any.covers(.range(Sample.address("0.0.0.0"), Sample.address("255.255.255.255"))) == true)
        #expect(AddressMatch.any.equals(.range(Sample.address("0.0.0.0"), Sample.address("255.255.255.255"))))
        #expect(net.covers(.fqdn("x")) == nil)
    }
}
