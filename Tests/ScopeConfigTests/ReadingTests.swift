import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("A running configuration") struct ReadingTests {
    @Test("gives policies with the values that IOS has for what is not written")
    func policies() throws {
        let config = Sample.read(Sample.siteToSite)
        #expect(config.hostname == "HQ")
        #expect(config.policies.map(\.number) == [5, 10, 65535])
        let five = config.policies[0]
        #expect(five.encryption == .tripleDES && five.hash == .sha1 && five.group == .modp1024)
        #expect(five.keyLength == nil && five.lifetime == 86_400 && five.authentication == .preSharedKey)
        let ten = config.policies[1]
        #expect(ten.encryption == .aesCBC && ten.keyLength == 256 && ten.hash == .sha256 && ten.group == .modp2048)
        #expect(ten.lifetime == 28_800)
        let bare = config.policies[2]
        #expect(bare.encryption == .des && bare.hash == .sha1 && bare.group == .modp768)
        #expect(bare.authentication == .rsaSignature && bare.lifetime == 86_400)
        #expect(config.unread == [], "\(config.unread)")
    }

    @Test("gives keys by whom they are for, and none of their letters")
    func keys() {
        let config = Sample.read(Sample.siteToSite)
        #expect(
            config.keys.map { IOSText.peer($0.peer) } == [
                "address 198.51.100.20", "address 203.0.113.0 255.255.255.0", "hostname branch3.example.net",
            ])
        #expect(config.keys.map(\.isEncrypted) == [false, true, false])
        #expect(config.keys.map(\.isWithoutXAUTH) == [false, true, false])
        let whole = "\(Sample.read(Sample.siteToSite)) \(Sample.read(Sample.dmvpn)) \(Sample.read(Sample.ezvpn))"
        for secret in ["S3cret", "JYHaSecret", "WildKey", "Other\"", "GroupSecret", "0822455D", "$1$abcd"] {
            #expect(!whole.contains(secret))
        }
    }

    @Test("gives maps, lists and interfaces as they stand")
    func maps() throws {
        let config = Sample.read(Sample.siteToSite)
        let map = try #require(config.map("VPN"))
        #expect(map.localInterface == "GigabitEthernet0/0" && map.entries.map(\.number) == [10, 20])
        let entry = map.entries[0]
        #expect(entry.peers.map(\.text) == ["198.51.100.20", "198.51.100.21"] && entry.peers[0].isDefault)
        #expect(entry.transformSets == ["AES256", "OLD"] && entry.pfs == .group(.modp2048))
        #expect(entry.accessList == "BRANCH1" && entry.lifetime.isWithoutKilobytes)
        #expect(config.lifetime.seconds == 7200)
        #expect(config.transformSet("AES256").map(IOSText.transformSet) == "esp-aes 256 esp-sha256-hmac, mode tunnel")
        let list = try #require(config.accessList("BRANCH1"))
        #expect(
            list.entries.map { IOSText.entry($0) } == [
                "permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255", "deny ip host 10.1.9.9 any log",
                "permit tcp host 10.3.0.1 eq 80 443 any range 1024 65535 established",
            ])
        #expect(
            config.accessList("10")?.entries.map(\.source) == [
                AddressMatch(host: Sample.address("10.9.9.9")), AddressMatch(0x0A08_0000, wildcard: 0xFFFF),
            ])
        let outside = try #require(config.interface("Gi0/0"))
        #expect(outside.addresses.map(\.description) == ["192.0.2.10", "192.0.2.11", "192.0.2.12"])
        #expect(outside.cryptoMap == "VPN" && config.interface("gigabitethernet 0/1")?.isShutDown == true)
    }

    @Test("gives keyrings, profiles and protected tunnels")
    func tunnels() throws {
        let config = Sample.read(Sample.dmvpn)
        let ring = try #require(config.keyring("OUTSIDE"))
        #expect(ring.vrf == "INET" && ring.localAddress == .interface("GigabitEthernet0/0"))
        #expect(ring.keys.map(\.peer) == [.address(.any), .hostname("spoke7.example.net")])
        let profile = try #require(config.profile("SPOKES"))
        #expect(profile.keyrings == ["OUTSIDE"] && profile.selfIdentity == .fqdn("hub.example.net"))
        #expect(
            profile.matches.map(IOSText.match) == [
                "match identity address 198.51.100.0 255.255.255.0 INET", "match identity host domain example.net",
                "match identity user domain example.org",
            ])
        #expect(profile.localAddress == .address(Sample.address("192.0.2.1")))
        #expect(config.transformSet("TS")?.mode == .transport)
        let ipsec = try #require(config.ipsecProfile("DMVPN"))
        #expect(ipsec.transformSets == ["TS"] && ipsec.pfs == .group(.modp1536) && ipsec.profile == "SPOKES")
        let tunnel = try #require(config.interface("Tunnel0")?.tunnel)
        #expect(tunnel.source == .interface("GigabitEthernet0/0") && tunnel.mode == .multipointGRE)
        #expect(tunnel.protection == "DMVPN" && tunnel.vrf == "INET")
        #expect(config.interface("Tunnel1")?.tunnel.destination == "203.0.113.9")
        #expect(config.interface("GigabitEthernet0/0")?.vrf == "INET")
        #expect(config.unread == [], "\(config.unread)")
    }

    @Test("gives what an EZVPN server has")
    func server() throws {
        let config = Sample.read(Sample.ezvpn)
        #expect(config.groups.map(\.name) == ["SALES"] && config.groups[0].hasKey)
        #expect(config.refusesAggressiveMode && !config.allowsDefaultPolicies)
        #expect(config.profiles.first?.asksForUser == true && config.profiles.first?.virtualTemplate == 1)
        #expect(config.map("OUT")?.asksForUser == true && config.map("OUT")?.entries.map(\.kind) == [.dynamic("DYN")])
        #expect(config.dynamicMap("DYN")?.entries.map(\.accessList) == [nil, "160"])
        #expect(config.interface("FastEthernet0/0")?.isDynamic == true)
        #expect(config.unread == [], "\(config.unread)")
    }

    /// Each is what some terminal, mail or editor makes of the same text.
    @Test(
        "means the same in every dress",
        arguments: ["crlf", "cr", "mail", "quoted", "pager", "wiped", "prompts", "utf16", "tabs", "nbsp", "show"])
    func dress(_ dress: String) throws {
        for text in [Sample.siteToSite, Sample.dmvpn, Sample.ezvpn] {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let bytes: [UInt8]
            switch dress {
            case "crlf": bytes = Array(lines.joined(separator: "\r\n").utf8)
            case "cr": bytes = Array(lines.joined(separator: "\r").utf8)
            case "mail": bytes = Array(lines.map { String($0.drop { $0 == " " }) }.joined(separator: "\n").utf8)
            case "quoted": bytes = Array(lines.map { "> " + $0 }.joined(separator: "\n").utf8)
            case "pager":
                bytes = Array(
                    lines.enumerated().map { $0 % 22 == 21 ? " --More-- " + $1 : $1 }.joined(separator: "\n").utf8)
            case "wiped":
                let wipe = String(repeating: "\u{8}", count: 9)
                bytes = Array(
                    lines.enumerated().map { $0 % 22 == 21 ? " --More-- \(wipe)        \(wipe)" + $1 : $1 }
                        .joined(separator: "\r\n").utf8)
            case "prompts":
                // Typed in: prompts of configuration modes, and no blanks before the line.
                bytes = Array(
                    lines.map { line in
                        line.hasPrefix(" ") ? "HQ(config-sub)#" + line.drop { $0 == " " } : "HQ(config)#" + line
                    }.joined(separator: "\n").utf8)
            case "utf16": bytes = [0xFF, 0xFE] + text.utf8.flatMap { [$0, 0] }
            case "tabs":
                bytes = Array(
                    lines.map { $0.hasPrefix(" ") ? "\t" + $0.drop { $0 == " " } : $0 }.joined(separator: "\n").utf8)
            case "nbsp": bytes = Array(text.replacing(" ", with: "\u{A0}").utf8)
            default:
                bytes =
                    Array("HQ#show run\r\nBuilding configuration...\r\n\r\nCurrent configuration : 99 bytes\r\n".utf8)
                    + Array(lines.joined(separator: "\r\n").utf8) + Array("\r\n\r\nHQ#exit\r\n".utf8)
            }
            let plain = Self.flattened(Sample.read(text))
            #expect(Self.flattened(IOSConfig(bytes: bytes, path: "sample.cfg")) == plain)
        }
    }

    /// Everything but the numbers of lines.
    private static func flattened(_ config: IOSConfig) -> String {
        var config = config
        config.lineCount = 0
        config.hosts = [:]
        return "\(config)".replacing(#/line: \d+/#, with: "line")
    }

    @Test("names the lines that it does not understand, without what may be a key")
    func unread() {
        let config = Sample.read(
            """
            crypto isakmp policy 10
             encr rot13
             group fourteen
             gorup 2
            crypto isakmp key LeakMe adress 10.0.0.1
            crypto keyring R
              pre-shared-key adress 10.0.0.0 key LeakMeToo
            crypto ipsec transform-set T esp-aes esp-rot13
            crypto map M 10 ipsec-isakmp
             set peer
             set tranform-set T
             match address
             match address L
            ip access-list extended FILTER
             permit tcp any any eq nonsense
            ip access-list extended L
             permit ip 10.0.0.0 0.0.0.255
             permit foo any any
             permit tcp any eq nonsense any
             pemit ip any any
            interface Tunnel0
             tunnel protection ipsec prfile X
             tunnel bandwidth receive 10
            router ospf 1
             network 10.0.0.0 0.0.0.255 area 0
            """)
        #expect(config.unread.map(\.number) == [2, 3, 4, 5, 7, 8, 10, 11, 12, 17, 18, 19, 20, 22])
        #expect(config.unreadCount == 14)
        #expect(!"\(config)".contains("LeakMe"))
        #expect(config.accessList("L")?.hasUnreadEntries == true)
    }

    @Test("is read whatever it is: bytes of chance, endless lines, a million lines")
    func anything() {
        var seed: UInt64 = 88_172_645_463_325_252
        var bytes: [UInt8] = []
        for _ in 0..<200_000 {
            seed ^= seed << 13
            seed ^= seed >> 7
            seed ^= seed << 17
            bytes.append(UInt8(truncatingIfNeeded: seed))
        }
        _ = IOSConfig(bytes: bytes, path: "noise")
        #expect(!IOSConfig(bytes: bytes, path: "noise").isAboutIPsec)
        let long = Array("crypto map ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        #expect(IOSConfig(bytes: long, path: "long").lineCount == 1)
        let many = IOSConfig(
            bytes: [UInt8]((0..<100_000).flatMap { "crypto map m\($0) \($0) nonsense\n".utf8 }), path: "many")
        #expect(many.unread.count == IOSConfig.mostUnreadLines && many.unreadCount == 100_000)
    }

    /// As it scrolls by, with what the router says to it.
    @Test("is read from a session in which it is typed")
    func session() throws {
        let config = Sample.read(
            """
            R1#conf t
            Enter configuration commands, one per line.  End with CNTL/Z.
            R1(config)# cry isa pol 10
            R1(config-isakmp)# enc 3des
            R1(config-isakmp)# auth pre
            R1(config-isakmp)# gr 2
            R1(config-isakmp)# ex
            R1(config)#crypto map M 10 ipsec-isakmp
            % NOTE: This new crypto map will remain disabled until a peer
                    and a valid access list have been configured.
            R1(config-crypto-map)#set peer 10.0.0.2
            R1(config-crypto-map)#match address 110   ! the other office
            R1(config-crypto-map)#int range g0/1 - 2
            R1(config-if-range)#no shut
            R1(config-if-range)#int g0/0
            R1(config-if)#ip address 10.0.0.1 255.255.255.0
            R1(config-if)#crypto map M
            *Mar  1 00:01:02.003: %CRYPTO-6-ISAKMP_ON_OFF: ISAKMP is ON
            R1(config-if)#access-list 110 permit gre host 10.0.0.1 host 10.0.0.2
            R1(config)#end
            R1#
            """)
        #expect(config.unread == [], "\(config.unread)")
        #expect(config.policies.map(IOSText.policy) == ["encryption 3des, hash sha, group 2, authentication pre-share"])
        #expect(config.map("M")?.entries.first?.peers.map(\.text) == ["10.0.0.2"])
        #expect(config.interface("g0/0")?.cryptoMap == "M" && config.interface("g0/0")?.addresses.count == 1)
        #expect(
            config.accessList("110")?.entries.map { IOSText.entry($0) } == ["permit gre host 10.0.0.1 host 10.0.0.2"])
    }

    @Test("is one in which entries are put in between, replaced and taken away")
    func sequence() throws {
        let list = try #require(
            Sample.read(
                """
                ip access-list extended L
                 permit ip host 10.0.0.1 any
                 permit ip host 10.0.0.2 any
                 15 permit ip host 10.0.0.3 any
                 permit ip host 10.0.0.4 any
                 20 permit ip host 10.0.0.5 any
                 no 10
                 no 99
                """
            ).accessList("L"))
        #expect(list.entries.map(\.sequence) == [15, 20, 30])
        #expect(list.entries.map { IOSText.address($0.source) } == ["host 10.0.0.3", "host 10.0.0.5", "host 10.0.0.4"])
    }

    @Test("takes time by its lines, however often they take away what others said")
    func removals() throws {
        func text(_ count: Int) -> String {
            let names = (0..<(count / 8)).map { "crypto keyring K\($0)\ncrypto isakmp profile P\($0)\n" }.joined()
            let entries = (1...count).map { "crypto map M \($0) ipsec-isakmp\n" }.joined()
            let removals = (0..<count).map {
                "no crypto map M \(count - $0)\nno crypto keyring X\nno crypto isakmp profile X\n"
            }.joined()
            return names + entries + removals
                + "crypto map M 7 ipsec-isakmp\n set peer 192.0.2.7\ncrypto keyring K1\nno crypto keyring K2\n"
        }
        let clock = ContinuousClock()
        /// The better of two: other tests run beside this one.
        func time(_ count: Int) -> Duration {
            let text = text(count)
            return min(clock.measure { _ = Sample.read(text) }, clock.measure { _ = Sample.read(text) })
        }
        // Sixteen times as long where entries and removals multiply.
        #expect(time(8000) < time(2000) * 9)
        let config = Sample.read(text(2000))
        let map = try #require(config.map("M"))
        #expect(map.entries.map(\.number) == [7] && map.entries[0].peers.map(\.text) == ["192.0.2.7"])
        #expect(config.keyring("K2") == nil && config.keyring("K3") != nil && config.profiles.count == 250)
        let whole = Sample.read("crypto map M 1 ipsec-isakmp\nno crypto map M\ncrypto map M 2 ipsec-isakmp\n")
        #expect(whole.map("M")?.entries.map(\.number) == [2])
    }

    @Test("of ASA is read in ASA's own words: tunnel groups, policies, maps, interfaces")
    func asa() throws {
        let config = Sample.read(Sample.asa)
        #expect(config.isASA && config.hostname == "EDGE")
        #expect(config.interface("outside")?.cryptoMap == "outside_map")
        #expect(config.interface("outside")?.addresses.first == Sample.address("192.0.2.10"))
        #expect(config.policies.map(\.number) == [20, 30])
        #expect(IOSText.policy(config.policies[0]) == "encryption aes 256, hash sha, group 5, authentication pre-share")
        #expect(IOSText.policy(config.policies[1]) == "encryption aes, hash md5, group 2, authentication rsa-sig")
        #expect(
            config.keys.map { IOSText.peer($0.peer) } == [
                "address 0.0.0.0 0.0.0.0", "address 198.51.100.20", "hostname sales", "address 203.0.113.9",
            ])
        #expect(config.groups.map(\.name) == ["SALES"] && config.groups.allSatisfy(\.hasKey))
        #expect(config.transformSet("AES256").map(IOSText.transformSet) == "esp-aes 256 esp-sha-hmac, mode tunnel")
        #expect(config.transformSet("TRANS").map(IOSText.transformSet) == "esp-3des esp-md5-hmac, mode transport")
        #expect(config.lifetime.seconds == 28_800)
        let map = try #require(config.map("outside_map"))
        #expect(map.entries.map(\.number) == [1, 2, 65535])
        #expect(map.entries[0].peers.map(\.text) == ["198.51.100.20", "198.51.100.21"])
        #expect(map.entries[0].transformSets == ["AES256", "TRANS"] && map.entries[0].pfs == .group(.modp1536))
        #expect(map.entries[0].accessList == "BRANCH" && map.entries[1].pfs == .group(.modp1024))
        #expect(config.addresses(of: map.entries[1].peers[0].text) == [Sample.address("203.0.113.9")])
        #expect(map.entries[2].kind == .dynamic("DYN"))
        #expect(config.dynamicMap("DYN")?.entries.first?.transformSets == ["AES256"])
        #expect(config.effectivePolicies.count == 2 && Sample.read("ASA Version 9.8\n").effectivePolicies.isEmpty)
        #expect(config.unread == [], "\(config.unread)")
        let whole = "\(config)"
        for secret in ["S3cret", "8Ry2YjIyt7RRXU24"] { #expect(!whole.contains(secret)) }
    }

    @Test("of ASA has masks of subnets in its access lists, and objects and groups mean what they hold")
    func asaLists() throws {
        let config = Sample.read(Sample.asa)
        func list(_ name: String) throws -> [String] {
            try #require(config.accessList(name)).entries.map { IOSText.entry($0) }
        }
        #expect(
            try list("BRANCH") == [
                "permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.0.255", "permit ip 10.1.0.0 0.0.255.255 host 10.2.9.9",
                "permit ip 10.1.0.0 0.0.255.255 host 10.3.0.1", "permit ip 10.1.0.0 0.0.255.255 host 10.4.0.1",
            ])
        #expect(
            try list("FINE") == [
                "permit tcp 10.1.0.0 0.0.255.255 any eq 80", "permit tcp 10.1.0.0 0.0.255.255 any range 8080 8090",
                "permit tcp host 10.3.0.1 any eq 443", "permit udp host 10.3.0.1 range 1000 2000 any eq 53",
                "permit icmp host 10.3.0.1 any", "permit tcp any host 10.3.0.1 eq 3389 log",
                "permit udp 10.1.0.0 0.0.255.255 host 10.9.9.9 eq 53",
                "permit tcp 10.1.0.0 0.0.255.255 host 10.9.9.9 eq 53",
            ])
        #expect(config.accessList("SPLIT")?.isExtended == false)
        #expect(config.accessList("SPLIT")?.entries.map(\.source) == [AddressMatch(0x0A01_0000, wildcard: 0xFFFF)])
        let odd = try #require(config.accessList("ODD"))
        #expect(odd.entries.isEmpty && odd.hasUnreadEntries)
    }

    @Test("of old ASA and PIX has the same on other lines")
    func oldASA() throws {
        let config = Sample.read(
            """
            PIX Version 7.2(2)
            access-list 101 extended permit ip 10.1.0.0 255.255.0.0 10.2.0.0 255.255.0.0
            access-list VPN line 1 permit ip 10.1.0.0 255.255.0.0 10.2.0.0 255.255.0.0
            crypto ipsec transform-set T esp-3des esp-none
            crypto map M 10 set transform-set T
            crypto map M 10 match address VPN
            crypto map M 10 set peer 198.51.100.1
            isakmp policy 10 authentication pre-share
            isakmp policy 10 encryption aes-192
            isakmp policy 10 hash md5
            isakmp policy 10 group 2
            isakmp key OldPixKey address 198.51.100.0 netmask 255.255.255.0
            """)
        #expect(
            config.policies.map { IOSText.policy($0) } == [
                "encryption aes 192, hash md5, group 2, authentication pre-share"
            ])
        #expect(config.keys.map { IOSText.peer($0.peer) } == ["address 198.51.100.0 255.255.255.0"])
        for name in ["101", "VPN"] {
            #expect(
                config.accessList(name)?.entries.map { IOSText.entry($0) } == [
                    "permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255"
                ])
        }
        #expect(config.transformSet("T")?.transforms.map(\.text) == ["esp-3des"])
        #expect(config.map("M")?.entries.first?.peers.map(\.text) == ["198.51.100.1"])
        #expect(config.unread == [], "\(config.unread)")
    }

    @Test("has object groups and lists of IPv6 put in where they are named")
    func groups() throws {
        let config = Sample.read(Sample.groups)
        let list = try #require(config.accessList("VPN"))
        #expect(
            list.entries.map { IOSText.entry($0) } == [
                "permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255",
                "permit ip 10.1.0.0 0.0.255.255 10.3.0.0 0.0.0.255",
                "permit ip host 10.5.0.1 10.2.0.0 0.0.255.255", "permit ip host 10.5.0.1 10.3.0.0 0.0.0.255",
                "permit ip 10.6.0.4 0.0.0.3 10.2.0.0 0.0.255.255", "permit ip 10.6.0.4 0.0.0.3 10.3.0.0 0.0.0.255",
                "permit tcp 10.3.0.0 0.0.0.255 any eq 80", "permit tcp 10.3.0.0 0.0.0.255 any range 8000 8100",
                "permit icmp 10.3.0.0 0.0.0.255 any", "permit udp 10.3.0.0 0.0.0.255 eq 53 any",
            ])
        // A group that holds itself.
        #expect(list.hasUnreadEntries && config.unread.map(\.number) == [22])
        let six = try #require(config.accessList("SIX"))
        #expect(
            six.entries.map { IOSText.entry($0) } == [
                "permit tcp host 2001:db8::1 any eq 443", "permit ipv6 2001:db8:1::/64 2001:db8:2::/64",
                "deny ipv6 any any",
            ])
        let mask = Sample.address("ffff:ffff:ffff:ffff::")
        let flow = ProxyFlow(
            local: .subnet(Sample.address("2001:db8:1::"), mask: mask),
            remote: .subnet(Sample.address("2001:db8:2::"), mask: mask))
        guard case .exact(let entry) = six.verdict(on: flow) else {
            Issue.record("\(six.verdict(on: flow))")
            return
        }
        #expect(entry.isSame(as: six.entries[1]) && flow.entry.map { IOSText.entry($0) } == IOSText.entry(entry))
        let request = try #require(
            config.requests(from: Sample.address("2001:db8::1"), to: Sample.address("2001:db8::2")).last)
        #expect(request.flow.remote == flow.local && request.flow.local == flow.remote)
    }

    @Test("cannot be made endless by groups of groups")
    func hostileGroups() {
        let chain = (0..<40).map {
            "object-group network G\($0)\n group-object G\($0 + 1)\n group-object G\($0 + 1)\n"
        }.joined()
        let wide = "object-group network W\n" + (0..<900).map { " host 10.0.\($0 / 256).\($0 % 256)\n" }.joined()
        let entries = (0..<200).map { _ in
            " permit ip object-group G30 any\n permit ip object-group W object-group W\n permit ip object-group W any\n"
        }.joined()
        let clock = ContinuousClock()
        var config = Sample.read("")
        let time = clock.measure {
            config = Sample.read(chain + " host 10.0.0.1\n" + wide + "ip access-list extended L\n" + entries)
        }
        #expect(time < .seconds(20), "\(time)")
        #expect(config.accessList("L")?.hasUnreadEntries == true)
        #expect(config.accessList("L")?.entries.count ?? .max <= 1 << 16)
    }

    @Test("of ASA takes what is written for it, to the same settings")
    func asaLines() {
        let lines = [
            "crypto isakmp policy 20", " encryption aes 256", " hash sha", " group 2", " authentication pre-share",
            "crypto isakmp key KEY address 192.0.2.1", "crypto ipsec transform-set SET1 esp-aes 256 esp-sha-hmac",
            " mode tunnel", "ip access-list extended NET", " permit ip 10.1.0.0 0.0.0.255 host 10.2.0.1",
            "crypto map M 10 ipsec-isakmp", " set peer 192.0.2.1", " set transform-set SET1", " set pfs group2",
            " match address NET",
        ]
        let asa = ASAText.lines(lines)
        #expect(
            asa == [
                "crypto ikev1 policy 20", " encryption aes-256", " hash sha", " group 2", " authentication pre-share",
                "tunnel-group 192.0.2.1 type ipsec-l2l", "tunnel-group 192.0.2.1 ipsec-attributes",
                " ikev1 pre-shared-key KEY", "crypto ipsec ikev1 transform-set SET1 esp-aes-256 esp-sha-hmac",
                "access-list NET extended permit ip 10.1.0.0 255.255.255.0 host 10.2.0.1",
                "crypto map M 10 set peer 192.0.2.1", "crypto map M 10 set ikev1 transform-set SET1",
                "crypto map M 10 set pfs group2", "crypto map M 10 match address NET",
            ])
        let (one, other) = (
            Sample.read(lines.joined(separator: "\n")), Sample.read(asa.joined(separator: "\n"))
        )
        #expect(other.isASA && !one.isASA && one.unread == [] && other.unread == [])
        #expect(one.policies.map { IOSText.policy($0) } == other.policies.map { IOSText.policy($0) })
        #expect(one.keys.map(\.peer) == other.keys.map(\.peer))
        #expect(one.transformSet("SET1")?.transforms == other.transformSet("SET1")?.transforms)
        #expect(
            one.accessList("NET")?.entries.map { IOSText.entry($0) }
                == other.accessList("NET")?.entries.map { IOSText.entry($0) })
        let (left, right) = (one.map("M")?.entries.first, other.map("M")?.entries.first)
        #expect(left?.peers == right?.peers && left?.pfs == right?.pfs && left?.accessList == right?.accessList)
        #expect(left?.transformSets == right?.transformSets && left?.transformSets == ["SET1"])
    }

    @Test("says with its shipped captures what the lab's daemons were told")
    func shipped() throws {
        let left = try Sample.shipped("pfs.left.cfg"), right = try Sample.shipped("pfs.right.cfg")
        #expect(left.unread == [] && right.unread == [])
        #expect(left.map("OUTSIDE")?.entries.first?.pfs == PFS.none)
        #expect(right.map("OUTSIDE")?.entries.first?.pfs == .group(.modp1024))
        #expect(left.hostname == "LEFT" && right.hostname == "RIGHT")
    }

    @Test("that is none is refused by name")
    func none() {
        #expect(throws: ConfigError.self) { try IOSConfig.load(Shared.root + "/Package.swift") }
        #expect(throws: ConfigError.self) { try IOSConfig.load(Shared.root + "/absent.cfg") }
        #expect(throws: ConfigError.self) { try IOSConfig.load(Shared.root) }
    }
}
