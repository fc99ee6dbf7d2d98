import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport

/// Configurations, and what peers ask of them.
enum Sample {
    static let siteToSite = """
        !
        ! Last configuration change at 10:11:12 UTC Mon Nov 23 2026 by admin
        !
        version 15.1
        service timestamps debug datetime msec
        hostname HQ
        !
        enable secret 5 $1$abcd$abcdefghijklmnopqrstu.
        banner motd ^C
        crypto chatter is welcome here
        interface of joy
        ^C
        !
        crypto isakmp policy 10
         encr aes 256
         hash sha256
         authentication pre-share
         group 14
         lifetime 28800
        crypto isakmp policy 5
         encr 3des
         authentication pre-share
         group 2
        crypto isakmp policy 65535
        crypto isakmp key S3cret-Alpha address 198.51.100.20
        crypto isakmp key 6 JYHaSecretBetaXX address 203.0.113.0 255.255.255.0 no-xauth
        crypto isakmp key S3cret-Gamma hostname branch3.example.net
        crypto isakmp keepalive 10 3
        !
        crypto ipsec security-association lifetime seconds 7200
        crypto ipsec transform-set AES256 esp-aes 256 esp-sha256-hmac
         mode tunnel
        crypto ipsec transform-set OLD esp-3des esp-md5-hmac
        !
        crypto map VPN local-address GigabitEthernet0/0
        crypto map VPN 20 ipsec-isakmp
         description branch
         ! Incomplete
         set peer 203.0.113.7
         set transform-set OLD
         match address 101
        crypto map VPN 10 ipsec-isakmp
         set peer 198.51.100.20 default
         set peer 198.51.100.21
         set security-association lifetime kilobytes disable
         set transform-set AES256 OLD
         set pfs group14
         match address BRANCH1
         reverse-route
        !
        interface Loopback0
         ip address 10.255.0.1 255.255.255.255
        !
        interface GigabitEthernet0/0
         description crypto map VPN stands below
         ip address 192.0.2.10 255.255.255.0
         ip address 192.0.2.11 255.255.255.0 secondary
         standby 1 ip 192.0.2.12
         ip nat outside
         duplex auto
         crypto map VPN
        !
        interface GigabitEthernet0/1
         ip address 10.1.0.1 255.255.0.0
         shutdown
        !
        ip access-list extended BRANCH1
         remark to the first branch
         10 permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255
         30 permit tcp host 10.3.0.1 eq www 443 any range 1024 65535 established
         20 deny   ip host 10.1.9.9 any log
        access-list 101 remark the second branch
        access-list 101 permit ip 10.1.0.0 0.0.255.255 10.4.0.0 0.0.0.255
        access-list 10 permit 10.9.9.9
        access-list 10 permit 10.8.0.0 0.0.255.255
        !
        line vty 0 4
         password 7 0822455D0A16
         transport input ssh
        !
        end
        """

    static let dmvpn = """
        hostname HUB
        crypto keyring OUTSIDE vrf INET
          local-address GigabitEthernet0/0 INET
          pre-shared-key address 0.0.0.0 0.0.0.0 key WildKey99
          pre-shared-key hostname spoke7.example.net key Other
        crypto isakmp policy 1
         encr aes
         authentication pre-share
         group 5
        crypto isakmp profile SPOKES
           keyring OUTSIDE
           self-identity fqdn hub.example.net
           match identity address 198.51.100.0 255.255.255.0 INET
           match identity host domain example.net
           match identity user domain example.org
           keepalive 30 retry 5
           local-address 192.0.2.1
        crypto ipsec transform-set TS esp-aes esp-sha-hmac
         mode transport
        crypto ipsec profile DMVPN
         set security-association lifetime seconds 86400
         set transform-set TS
         set pfs group5
         set isakmp-profile SPOKES
        crypto ipsec profile V2
         set ikev2-profile X
        interface Tunnel0
         ip address 172.16.0.1 255.255.255.0
         ip nhrp network-id 1
         tunnel source GigabitEthernet0/0
         tunnel mode gre multipoint
         tunnel vrf INET
         tunnel protection ipsec profile DMVPN shared
        interface Tunnel1
         ip address 172.16.1.1 255.255.255.252
         tunnel source 192.0.2.1
         tunnel mode ipsec ipv4
         tunnel destination 203.0.113.9
         tunnel protection ipsec profile VTI
        interface GigabitEthernet0/0
         ip vrf forwarding INET
         ip address 192.0.2.1 255.255.255.0
        crypto ipsec profile VTI
        """

    static let ezvpn = """
        aaa new-model
        crypto isakmp policy 3
         encr 3des
         authentication pre-share
         group 2
        crypto isakmp client configuration group SALES
         key GroupSecret
         dns 10.0.0.2
         pool POOL
         acl 150
        crypto isakmp aggressive-mode disable
        no crypto isakmp default policy
        crypto isakmp profile EZ
           match identity group SALES
           client authentication list USERS
           isakmp authorization list GROUPS
           client configuration address respond
           virtual-template 1
        crypto ipsec transform-set EZTS esp-3des esp-sha-hmac
        crypto dynamic-map DYN 10
         set transform-set EZTS
         reverse-route
        crypto dynamic-map DYN 20
         set transform-set EZTS
         match address 160
        crypto map OUT client authentication list USERS
        crypto map OUT isakmp authorization list GROUPS
        crypto map OUT client configuration address respond
        crypto map OUT 65535 ipsec-isakmp dynamic DYN
        interface FastEthernet0/0
         ip address dhcp
         crypto map OUT
        """

    static let asa = """
        : Saved
        :
        ASA Version 9.8(2)
        !
        hostname EDGE
        enable password 8Ry2YjIyt7RRXU24 encrypted
        names
        name 203.0.113.9 BRANCH9
        !
        interface GigabitEthernet0/0
         nameif outside
         security-level 0
         ip address 192.0.2.10 255.255.255.0 standby 192.0.2.11
        !
        interface GigabitEthernet0/1
         nameif inside
         security-level 100
         ip address 10.1.0.1 255.255.0.0
        !
        object network HQ
         subnet 10.1.0.0 255.255.0.0
        object network HQ
         nat (inside,outside) dynamic interface
        object network SERVER
         host 10.3.0.1
        object service RDP
         service tcp destination eq 3389
        object-group network SITES
         description both of them
         network-object 10.2.0.0 255.255.255.0
         network-object host 10.2.9.9
         group-object MORE
        object-group network MORE
         network-object object SERVER
        object-group service WEB tcp
         port-object eq www
         port-object range 8080 8090
        object-group service MIXED
         service-object tcp destination eq https
         service-object udp source range 1000 2000 destination eq domain
         service-object icmp
        object-group protocol TCPUDP
         protocol-object udp
         protocol-object tcp
        access-list BRANCH extended permit ip object HQ object-group SITES
        access-list BRANCH extended permit ip 10.1.0.0 255.255.0.0 host 10.4.0.1
        access-list SPLIT standard permit 10.1.0.0 255.255.0.0
        access-list FINE remark by service
        access-list FINE extended permit tcp object HQ any4 object-group WEB
        access-list FINE extended permit object-group MIXED object SERVER any
        access-list FINE extended permit object RDP any object SERVER log
        access-list FINE extended permit object-group TCPUDP object HQ host 10.9.9.9 eq domain
        access-list FINE extended permit ip any any inactive
        access-list ODD extended permit ip object NOWHERE any
        crypto ipsec ikev1 transform-set AES256 esp-aes-256 esp-sha-hmac
        crypto ipsec ikev1 transform-set TRANS esp-3des esp-md5-hmac
        crypto ipsec ikev1 transform-set TRANS mode transport
        crypto ipsec security-association lifetime seconds 28800
        crypto dynamic-map DYN 5 set ikev1 transform-set AES256
        crypto map outside_map 1 match address BRANCH
        crypto map outside_map 1 set pfs group5
        crypto map outside_map 1 set peer 198.51.100.20 198.51.100.21
        crypto map outside_map 1 set ikev1 transform-set AES256 TRANS
        crypto map outside_map 2 match address FINE
        crypto map outside_map 2 set pfs
        crypto map outside_map 2 set peer BRANCH9
        crypto map outside_map 2 set ikev1 transform-set AES256
        crypto map outside_map 65535 ipsec-isakmp dynamic DYN
        crypto map outside_map interface outside
        crypto ikev1 enable outside
        crypto ikev1 policy 20
         authentication pre-share
         encryption aes-256
         hash sha
         group 5
         lifetime 86400
        crypto ikev1 policy 30
         authentication rsa-sig
         encryption aes
         hash md5
         group 2
         lifetime none
        tunnel-group DefaultRAGroup ipsec-attributes
         ikev1 pre-shared-key Default-S3cret
        tunnel-group 198.51.100.20 type ipsec-l2l
        tunnel-group 198.51.100.20 ipsec-attributes
         ikev1 pre-shared-key Branch-S3cret
         isakmp keepalive threshold 15 retry 2
        tunnel-group SALES type remote-access
        tunnel-group SALES general-attributes
         address-pool POOL
        tunnel-group SALES ipsec-attributes
         ikev1 pre-shared-key Sales-S3cret
        tunnel-group BRANCH9 ipsec-attributes
         pre-shared-key *****
        !
        class-map inspection_default
         match default-inspection-traffic
        Cryptochecksum:0123456789abcdef
        : end
        """

    static let groups = """
        hostname HUB
        object-group network LANS
         10.1.0.0 255.255.0.0
         host 10.5.0.1
         range 10.6.0.4 10.6.0.7
        object-group network FAR
         description of the branch
         10.2.0.0 /16
         group-object FARTHER
        object-group network FARTHER
         10.3.0.0 255.255.255.0
        object-group service WEB
         tcp eq www
         tcp range 8000 8100
         icmp
         udp source eq 53
        object-group network LOOP
         group-object LOOP
        ip access-list extended VPN
         permit ip object-group LANS object-group FAR
         permit object-group WEB object-group FARTHER any
         deny ip object-group LOOP any
        ipv6 access-list SIX
         permit ipv6 2001:db8:1::/64 2001:db8:2::/64
         sequence 5 permit tcp host 2001:db8::1 any eq 443
         remark done
         deny ipv6 any any
        crypto map VPN 10 ipsec-isakmp
         set peer 198.51.100.20
         match address VPN
        crypto map ipv6 VPN6 10 ipsec-isakmp
         set peer 2001:db8::2
         match address SIX
        """

    static func read(_ text: String) -> IOSConfig { IOSConfig(bytes: Array(text.utf8), path: "sample.cfg") }

    static func address(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(v4: 0) }

    static func subnet(_ net: String, _ mask: String) -> Identity { .subnet(address(net), mask: address(mask)) }

    /// Attributes in short form (RFC 2408 section 3.3).
    static func transform(_ id: UInt8, _ values: [(UInt16, UInt16)], number: UInt8 = 1) -> Transform {
        Transform(
            number: number, id: id,
            attributes: values.map {
                Attribute(type: $0.0, isShort: true, value: [UInt8($0.1 >> 8), UInt8($0.1 & 255)])
            })
    }

    /// Encryption, hash, method, group, key length: RFC 2409 appendix A.
    static func phase1(
        _ cipher: UInt16, _ hash: UInt16, group: UInt16, bits: UInt16? = nil, method: UInt16 = 1, number: UInt8 = 1,
        life: UInt16? = nil
    ) -> Offer {
        var values: [(UInt16, UInt16)] = [(1, cipher), (2, hash), (3, method), (4, group)]
        if let bits { values.append((14, bits)) }
        if let life { values += [(11, 1), (12, life)] }
        let made = transform(1, values, number: number)
        return Offer(made, of: Proposal(number: 1, protocolID: .isakmp, spi: [], transforms: [made]))
    }

    /// One ESP proposal with one transform: RFC 2407 section 4.5.
    static func esp(
        _ id: UInt8, bits: UInt16? = nil, integrity: UInt16?, mode: UInt16 = 1, pfs: UInt16? = nil, number: UInt8 = 1
    ) -> Offer {
        var values: [(UInt16, UInt16)] = [(4, mode)]
        if let integrity { values.append((5, integrity)) }
        if let bits { values.append((6, bits)) }
        if let pfs { values.append((3, pfs)) }
        return offer(.esp, transform(id, values), number: number)
    }

    static func offer(_ protocolID: SecurityProtocol, _ transform: Transform, number: UInt8 = 1) -> Offer {
        Offer(
            transform,
            of: Proposal(number: number, protocolID: protocolID, spi: [1, 2, 3, 4], transforms: [transform]))
    }

    /// Of a capture that ships.
    static func shipped(_ name: String) throws -> IOSConfig {
        let path = Shared.root + "/captures/failures/" + name
        return try IOSConfig.load(path)
    }
}
