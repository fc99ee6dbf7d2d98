import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire
import Testing

/// Configurations of IKEv2 as the vendor's guides write them.
private enum Router {
    static let text = """
        hostname BRANCH
        crypto ikev2 proposal STRONG
         encryption aes-gcm-256 aes-cbc-256
         integrity sha512 sha384
         prf sha512
         group 20 14
        crypto ikev2 proposal OLD
         encryption 3des
         integrity md5
         group 2
        no crypto ikev2 proposal default
        !
        crypto ikev2 policy HERE
         match fvrf any
         match address local 192.0.2.10
         proposal STRONG
        crypto ikev2 policy ELSE
         proposal OLD
         proposal GONE
        !
        crypto ikev2 keyring SITES
         peer HQ
          description the centre
          address 198.51.100.20
          pre-shared-key local S3cret-Mine
          pre-shared-key remote S3cret-Theirs
         !
         peer SPOKES
          address 203.0.113.0 255.255.255.0
          hostname spoke.example.net
          identity fqdn domain example.net
          pre-shared-key hex 0A0B0C0D
         !
         peer SIX
          address 2001:DB8::/32
          pre-shared-key 6 JYHaSecretXX
         !
        !
        crypto ikev2 profile HQ
         match fvrf any
         match identity remote address 198.51.100.20 255.255.255.255
         match identity remote fqdn hq.example.net
         identity local fqdn branch.example.net
         authentication remote pre-share
         authentication remote rsa-sig
         authentication local pre-share
         keyring local SITES
         lifetime 14400
         dpd 10 2 on-demand
        crypto ikev2 profile CLIENTS
         match identity remote key-id sales
         match identity remote email domain example.org
         match certificate MAP
         authentication remote eap query-identity
         authentication local ecdsa-sig
         pki trustpoint CA
         virtual-template 7
        crypto ikev2 profile OWN
         match identity remote any
         authentication local pre-share key S3cret-Own
         authentication remote pre-share key S3cret-Other
        !
        crypto ikev2 dpd 30 3 periodic
        crypto ikev2 nat keepalive 20
        crypto ikev2 fragmentation mtu 1400
        crypto ikev2 cookie-challenge 50
        crypto ikev2 limit max-in-negotation-sa 100
        !
        crypto ipsec transform-set GCM esp-gcm 256
         mode tunnel
        crypto ipsec profile TUNNEL
         set transform-set GCM
         set pfs group20
         set ikev2-profile HQ
        !
        crypto map OUT 10 ipsec-isakmp
         set peer 198.51.100.20
         set transform-set GCM
         set ikev2-profile HQ
         match address NET
        !
        interface GigabitEthernet0/0
         ip address 192.0.2.10 255.255.255.0
         crypto map OUT
        interface Tunnel1
         tunnel source GigabitEthernet0/0
         tunnel mode ipsec ipv4
         tunnel destination 198.51.100.20
         tunnel protection ipsec profile TUNNEL
        ip access-list extended NET
         permit ip 10.1.0.0 0.0.0.255 10.2.0.0 0.0.0.255
        """

    static let asa = """
        ASA Version 9.14(2)
        hostname FW
        interface GigabitEthernet0/0
         nameif outside
         ip address 192.0.2.10 255.255.255.0
        access-list VPN extended permit ip 10.1.0.0 255.255.255.0 10.2.0.0 255.255.255.0
        crypto ipsec ikev2 ipsec-proposal AES
         protocol esp encryption aes-256 aes
         protocol esp integrity sha-256 sha-1
        crypto ipsec ikev2 ipsec-proposal GCM
         protocol esp encryption aes-gcm-256
         protocol esp integrity null
        crypto map OUT 10 match address VPN
        crypto map OUT 10 set peer 198.51.100.20
        crypto map OUT 10 set ikev2 ipsec-proposal GCM AES
        crypto map OUT 20 match address VPN
        crypto map OUT 20 set peer 198.51.100.20
        crypto map OUT 20 set ikev1 transform-set OLD
        crypto map OUT interface outside
        crypto ikev2 policy 20
         encryption aes-256
         integrity sha256
         group 14
         prf sha256
         lifetime seconds 86400
        crypto ikev2 policy 10
         encryption aes-gcm-256
         integrity null
         group 21 20
         prf sha384
        crypto ikev2 enable outside
        tunnel-group 198.51.100.20 type ipsec-l2l
        tunnel-group 198.51.100.20 ipsec-attributes
         ikev2 remote-authentication pre-shared-key S3cret-Theirs
         ikev2 local-authentication pre-shared-key S3cret-Mine
        """

    /// Encryption, PRF, integrity, group, as IANA's registry of IKEv2 numbers them.
    static func offer(_ ciphers: [(UInt16, UInt16?)], prf: [UInt16], integrity: [UInt16], groups: [UInt16])
        -> AlgorithmSet
    {
        typealias Transform = IKEv2.Transform
        let list =
            ciphers.map { id, bits in
                let length = bits.map { Attribute(type: 14, isShort: true, value: [UInt8($0 >> 8), UInt8($0 & 255)]) }
                return Transform(type: .encryption, id: id, attributes: length.map { [$0] } ?? [])
            }
            + prf.map { Transform(type: .prf, id: $0) } + integrity.map { Transform(type: .integrity, id: $0) }
            + groups.map { Transform(type: .keyExchange, id: $0) }
        return AlgorithmSet(IKEv2.Proposal(number: 1, protocolID: .ike, spi: [], transforms: list))
    }
}

@Suite("A configuration of IKEv2") struct IKEv2ReadingTests {
    @Test("is read as it stands, in every dress", arguments: ["plain", "flush", "prompts"])
    func reading(dress: String) throws {
        let lines = Router.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let text =
            switch dress {
            case "flush": lines.map { String($0.drop { $0 == " " }) }.joined(separator: "\n")
            case "prompts":
                lines.map { $0.hasPrefix(" ") ? "HQ(config-sub)#" + $0.drop { $0 == " " } : "HQ(config)#" + $0 }
                    .joined(separator: "\n")
            default: Router.text
            }
        let config = Sample.read(text)
        #expect(config.unread == [], "\(config.unread)")
        #expect(config.hostname == "BRANCH" && config.isAboutIPsec && !config.isASA)
        let v2 = config.ikev2
        #expect(v2.proposals.map(\.name) == ["STRONG", "OLD"] && !v2.allowsDefaultProposal && v2.allowsDefaultPolicy)
        let strong = try #require(v2.proposal("STRONG")?.algorithms)
        #expect(strong.ciphers == [.init(.aesGCM16, keyLength: 256), .init(.aesCBC, keyLength: 256)])
        #expect(strong.integrities == [.hmacSHA512, .hmacSHA384] && strong.prfs == [.hmac(.sha512)])
        #expect(strong.groups == [.ecp384, .modp2048])
        // Without `prf` it is that of the integrity.
        #expect(v2.proposal("OLD")?.algorithms.prfs == [.hmac(.md5)])
        #expect(v2.policies.map(\.proposals) == [["STRONG"], ["OLD", "GONE"]])
        #expect(v2.policies[0].localAddresses == [Sample.address("192.0.2.10")] && v2.policies[0].matchesAnyVRF)
        let peers = try #require(v2.keyring("SITES")).peers
        #expect(peers.map(\.name) == ["HQ", "SPOKES", "SIX"])
        #expect(peers[0].address == .wildcard(0xC633_6414, 0) && peers[0].localKeyLine != peers[0].remoteKeyLine)
        #expect(peers[1].hostname == "spoke.example.net" && peers[1].identity == .fqdnDomain("example.net"))
        #expect(peers[1].localKeyLine == peers[1].remoteKeyLine && peers[1].localKeyLine != nil)
        let hq = try #require(v2.profile("HQ"))
        #expect(hq.matches == [.address(.wildcard(0xC633_6414, 0)), .fqdn("hq.example.net")])
        #expect(hq.identity == .fqdn("branch.example.net") && hq.keyring == "SITES")
        #expect(hq.localMethod == .preShare && hq.remoteMethods == [.preShare, .rsaSignature])
        let clients = try #require(v2.profile("CLIENTS"))
        #expect(
            clients.matches == [.keyID("sales"), .emailDomain("example.org")] && clients.certificateMaps == ["MAP"])
        #expect(
            clients.remoteMethods == [.eap] && clients.localMethod == .ecdsaSignature && clients.virtualTemplate == 7)
        #expect(v2.profile("OWN")?.localKeyLine != nil && v2.profile("OWN")?.matches == [.any])
        #expect(v2.globals.count == 5)
        #expect(config.map("OUT")?.entries.first?.ikev2Profile == "HQ")
        #expect(config.ipsecProfile("TUNNEL")?.ikev2Profile == "HQ")
    }

    @Test("is read without its keys, and what is not understood is told without them")
    func secrets() {
        let broken = """
            crypto ikev2 keyring K
             peer A
              adress 10.0.0.1
              pre-shared-key local
            crypto ikev2 profile P
             authentication remot pre-share key LeakMe
             match identity remote fqdm x
             matsch identity
            crypto ikev2 proposal X
             encryption rot13
             integrity sha3
             group zwei
            """
        let config = Sample.read(Router.text + "\n" + Router.asa + "\n" + broken)
        let whole = "\(config)"
        for secret in ["S3cret", "0A0B0C0D", "JYHaSecret", "LeakMe"] { #expect(!whole.contains(secret)) }
        #expect(Sample.read(broken).unreadCount == 7)
    }

    @Test("takes back what is negated")
    func negated() {
        let config = Sample.read(
            Router.text + """

                no crypto ikev2 profile HQ
                no crypto ikev2 keyring SITES
                no crypto ikev2 policy ELSE
                no crypto ikev2 policy default
                no crypto ikev2 proposal OLD
                """)
        #expect(config.ikev2.profiles.map(\.name) == ["CLIENTS", "OWN"] && config.ikev2.keyrings.isEmpty)
        #expect(config.ikev2.policies.map(\.name) == ["HERE"] && !config.ikev2.allowsDefaultPolicy)
        #expect(config.ikev2.proposals.map(\.name) == ["STRONG"])
    }

    @Test("of ASA has its own words")
    func asa() throws {
        let config = Sample.read(Router.asa)
        #expect(config.isASA && config.unread == [], "\(config.unread)")
        #expect(config.ikev2.policies.map(\.number) == [20, 10])
        #expect(config.ikev2Policies(of: Sample.address("192.0.2.10")).map(\.number) == [10, 20])
        let ten = try #require(config.ikev2Proposal("10")?.algorithms)
        #expect(ten.ciphers == [.init(.aesGCM16, keyLength: 256)] && ten.integrities.isEmpty)
        #expect(ten.prfs == [.hmac(.sha384)] && ten.groups == [.ecp521, .ecp384])
        #expect(config.map("OUT")?.entries.map(\.ikev2Proposals) == [["GCM", "AES"], []])
        #expect(config.ipsecProposals.map { $0.transformSets.count } == [4, 1])
        let check = config.checkIKEv2Peer(nil, at: Sample.address("198.51.100.20"), local: Sample.address("192.0.2.10"))
        #expect(check.profile == nil)
        let peer = try #require(config.ikev2.keyrings.first?.peers.first)
        #expect(peer.remoteKeyLine == 34 && peer.localKeyLine == 35)
    }
}

@Suite("What IKE_SA_INIT offers") struct IKEv2ProposalCheckTests {
    private let here = Sample.address("192.0.2.10")

    @Test("fits the proposal of the policy for this address")
    func match() throws {
        let config = Sample.read(Router.text)
        let gcm = Router.offer([(20, 256)], prf: [7], integrity: [], groups: [20])
        let match = try #require(config.checkIKEv2([(1, gcm)], local: here).match)
        #expect(match.policy == "HERE" && match.proposal.name == "STRONG" && match.number == 1)
        let cbc = Router.offer([(12, 128), (12, 256)], prf: [5, 7], integrity: [12, 14], groups: [19, 14])
        let both = config.checkIKEv2([(1, gcm), (2, cbc)], local: here)
        #expect(both.pairings.filter { $0.policy == "HERE" }.map(\.differences.isEmpty) == [true, true])
        #expect(both.pairings.filter { $0.policy == "ELSE" }.map(\.differences.isEmpty) == [false, false])
    }

    struct Case: Sendable {
        var cipher: UInt16
        var bits: UInt16?
        var prf: UInt16
        var integrity: UInt16?
        var group: UInt16
        var reasons: [String]
    }

    static let cases: [Case] = [
        Case(
            cipher: 12, bits: 128, prf: 7, integrity: 14, group: 14,
            reasons: ["encryption: aes-cbc-128 offered, aes-gcm-256 aes-cbc-256 configured"]),
        Case(
            cipher: 12, bits: 256, prf: 7, integrity: 12, group: 14,
            reasons: ["integrity: sha256 offered, sha512 sha384 configured"]),
        Case(
            cipher: 12, bits: 256, prf: 5, integrity: 14, group: 14,
            reasons: ["PRF: sha256 offered, sha512 configured"]),
        Case(cipher: 20, bits: 256, prf: 7, integrity: nil, group: 2, reasons: ["group: 2 offered, 20 14 configured"]),
        Case(
            cipher: 28, bits: nil, prf: 7, integrity: nil, group: 31,
            reasons: [
                "encryption: CHACHA20_POLY1305 offered, aes-gcm-256 aes-cbc-256 configured",
                "group: 31 offered, 20 14 configured",
            ]),
    ]

    @Test("differs in what is named", arguments: cases)
    func differences(_ made: Case) throws {
        let offer = Router.offer(
            [(made.cipher, made.bits)], prf: [made.prf], integrity: made.integrity.map { [$0] } ?? [],
            groups: [made.group])
        let check = Sample.read(Router.text).checkIKEv2([(1, offer)], local: here)
        #expect(check.match == nil && check.nearest?.policy == "HERE")
        #expect(check.closest.first?.reasons == made.reasons)
        #expect(check.missing.map(\.proposal) == ["GONE"])
    }

    @Test("meets the default of IOS where nothing is configured, and nothing where it was taken away")
    func defaults() {
        let offer = [(UInt8(1), Router.offer([(12, 256)], prf: [5], integrity: [12], groups: [14]))]
        let bare = Sample.read("crypto ikev2 keyring K\n").checkIKEv2(offer, local: here)
        #expect(bare.usesDefaults && bare.match?.policy == "default")
        let none = Sample.read("no crypto ikev2 policy default\n").checkIKEv2(offer, local: here)
        #expect(none.pairings.isEmpty && none.match == nil)
        #expect(Sample.read(Router.asa).checkIKEv2(offer, local: here).match?.policy == "20")
    }
}

@Suite("Whom an IKEv2 profile takes") struct IKEv2PeerCheckTests {
    private let here = Sample.address("192.0.2.10"), there = Sample.address("198.51.100.20")

    @Test(
        "is who it names",
        arguments: [
            (Identity.address(Sample.address("198.51.100.20")), "HQ"), (.fqdn("HQ.example.net"), "HQ"),
            (.keyID(Array("sales".utf8)), "CLIENTS"), (.userFQDN("a@example.org"), "CLIENTS"),
            (.fqdn("x.example.org"), "OWN"),
        ])
    func profile(_ identity: Identity, _ name: String) throws {
        let check = Sample.read(Router.text).checkIKEv2Peer(identity, at: there, local: here)
        #expect(check.profile?.name == name)
    }

    @Test("has the key of the keyring's entry that is most exact")
    func keys() throws {
        let check = Sample.read(Router.text).checkIKEv2Peer(.fqdn("hq.example.net"), at: there, local: here)
        // The domain of the second one has the name as well, and is less exact.
        #expect(check.keys.map(\.peer.name) == ["HQ", "SPOKES"] && check.missingKeyring == nil)
        let gone = Sample.read(Router.text.replacing("keyring SITES", with: "keyring OTHERS"))
            .checkIKEv2Peer(.fqdn("hq.example.net"), at: there, local: here)
        #expect(gone.missingKeyring == "SITES" && gone.keys.isEmpty)
    }

    @Test("where none does, each says why, and a certificate may decide")
    func refusals() {
        let text = Router.text.replacing(
            "match identity remote any", with: "match identity remote fqdn other.example.net")
        let check = Sample.read(text).checkIKEv2Peer(.fqdn("stranger.example.com"), at: there, local: here)
        #expect(check.profile == nil && check.isOpen)
        #expect(check.refusals.map(\.profile.name) == ["HQ", "OWN"])
        #expect(
            check.refusals.first?.why
                == "match identity remote address 198.51.100.20, match identity remote fqdn hq.example.net")
    }
}

@Suite("What IKEv2 asks of a crypto map") struct IKEv2Phase2Tests {
    private func request(_ algorithms: AlgorithmSet, isOfSetUp: Bool = true, pfs: DHGroup? = nil) -> Phase2Request {
        var request = Phase2Request(
            local: Sample.address("192.0.2.10"), peer: Sample.address("198.51.100.20"),
            offers: Offer.choices(number: 1, .esp, algorithms),
            flow: ProxyFlow(
                local: Sample.subnet("10.1.0.0", "255.255.255.0"), remote: Sample.subnet("10.2.0.0", "255.255.255.0")),
            pfs: pfs, identity: .fqdn("hq.example.net"))
        (request.version, request.isOfSetUp) = (.v2, isOfSetUp)
        return request
    }

    private let gcm = Router.offer([(20, 256)], prf: [], integrity: [], groups: [])

    @Test("finds the entry with an IKEv2 profile, which IKEv1 does not")
    func entry() {
        let config = Sample.read(Router.text)
        #expect(config.checkPhase2(request(gcm)).accepted?.transformSet == "GCM")
        var old = request(gcm)
        old.version = .v1
        #expect(config.checkPhase2(old).accepted == nil)
        let cbc = Router.offer([(12, 256)], prf: [], integrity: [12], groups: [])
        #expect(config.checkPhase2(request(cbc)).accepted == nil)
    }

    @Test("PFS counts in CREATE_CHILD_SA, and not in IKE_AUTH")
    func pfs() {
        let config = Sample.read(
            Router.text.replacing(" set ikev2-profile HQ\n", with: " set ikev2-profile HQ\n set pfs group20\n"))
        #expect(config.checkPhase2(request(gcm)).accepted != nil)
        #expect(config.checkPhase2(request(gcm, isOfSetUp: false, pfs: .ecp384)).accepted != nil)
        #expect(config.checkPhase2(request(gcm, isOfSetUp: false)).accepted == nil)
    }

    @Test("of ASA has proposals of its own, which an entry of IKEv1 has not")
    func asa() throws {
        let config = Sample.read(Router.asa)
        let cbc = Router.offer([(12, 128)], prf: [], integrity: [2], groups: [])
        let check = config.checkPhase2(request(cbc))
        #expect(check.accepted?.transformSet == "AES")
        #expect(check.entries.last?.obstacles.contains(.otherKeying("IKEv1")) == true)
        #expect(config.checkPhase2(request(gcm)).accepted?.transformSet == "GCM")
    }
}
