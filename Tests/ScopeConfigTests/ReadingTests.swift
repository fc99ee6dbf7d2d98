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
        #expect(five.encryption == .tripleDESCBC && five.hash == .sha && five.group == .modp1024)
        #expect(five.keyLength == nil && five.lifetime == 86_400 && five.authentication == .preSharedKey)
        let ten = config.policies[1]
        #expect(ten.encryption == .aesCBC && ten.keyLength == 256 && ten.hash == .sha256 && ten.group == .modp2048)
        #expect(ten.lifetime == 28_800)
        let bare = config.policies[2]
        #expect(bare.encryption == .desCBC && bare.hash == .sha && bare.group == .modp768)
        #expect(bare.authentication == .rsaSignatures && bare.lifetime == 86_400)
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
        let names = (0..<4000).map { "crypto keyring K\($0)\ncrypto isakmp profile P\($0)\n" }.joined()
        let entries = (1...30_000).map { "crypto map M \($0) ipsec-isakmp\n" }.joined()
        let removals = (1...60_000).map {
            "no crypto map M \($0 % 40_000)\nno crypto map M2\nno crypto keyring X\nno crypto isakmp profile X\n"
        }.joined()
        let kept = "crypto map M 7 ipsec-isakmp\n set peer 192.0.2.7\ncrypto keyring K1\nno crypto keyring K2\n"
        let clock = ContinuousClock()
        var config = Sample.read("")
        let time = clock.measure { config = Sample.read(names + entries + removals + kept) }
        // Entries times removals took minutes.
        #expect(time < .seconds(20), "\(time)")
        let map = try #require(config.map("M"))
        #expect(map.entries.map(\.number) == [7] && map.entries[0].peers.map(\.text) == ["192.0.2.7"])
        #expect(config.keyring("K2") == nil && config.keyring("K3") != nil && config.profiles.count == 4000)
        let whole = Sample.read("crypto map M 1 ipsec-isakmp\nno crypto map M\ncrypto map M 2 ipsec-isakmp\n")
        #expect(whole.map("M")?.entries.map(\.number) == [2])
    }

    @Test("of ASA is refused line by line, not misread")
    func asa() {
        let config = Sample.read(
            """
            crypto ikev1 policy 10
             authentication pre-share
            crypto map outside_map 1 match address outside_cryptomap
            crypto map outside_map 1 set peer 198.51.100.1
            access-list outside_cryptomap extended permit ip object A object B
            """)
        #expect(config.unread.map(\.number) == [1, 3, 4] && config.policies.isEmpty)
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
