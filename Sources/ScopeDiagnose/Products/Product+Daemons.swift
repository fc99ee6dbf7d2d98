/// The words of strongSwan, libreswan, racoon and OpenIKED.
extension Product {
    /// Settings by their paths, as its documentation names them.
    static let strongSwan = Product(
        "strongSwan", in: "swanctl.conf",
        [
            .presharedKey: [
                "secrets.ike-NAME.id-1 = PEER", #"secrets.ike-NAME.secret = "KEY""#, "swanctl --load-creds",
            ],
            .ikeProposal: ["connections.NAME.proposals = aes256-sha256-modp2048", "swanctl --load-conns"],
            .childProposal: [
                "connections.NAME.children.NAME.esp_proposals = aes256-sha256", "swanctl --load-conns",
            ],
            .pfs: ["connections.NAME.children.NAME.esp_proposals = aes256-sha256-modp2048   (a group in it: PFS)"],
            .selectors: [
                "connections.NAME.children.NAME.local_ts = NETWORK",
                "connections.NAME.children.NAME.remote_ts = NETWORK",
            ],
            .identity: ["connections.NAME.local.id = IDENTITY", "connections.NAME.remote.id = IDENTITY"],
            .mode: ["connections.NAME.aggressive = no"],
            .version: ["connections.NAME.version = 2   (1: IKEv1; 0: both, as responder)"],
            .natTraversal: ["connections.NAME.encap = yes   (ESP in UDP even where there is no NAT)"],
            .fragmentation: ["connections.NAME.fragmentation = yes"],
            .certificateAuthority: ["put the CA into /etc/swanctl/x509ca", "swanctl --load-creds"],
            .encapsulation: ["connections.NAME.children.NAME.mode = tunnel"],
        ])

    static let libreswan = Product(
        "libreswan", in: "ipsec.conf and ipsec.secrets",
        [
            .presharedKey: [#"LOCAL PEER : PSK "KEY"   (ipsec.secrets)"#, "ipsec whack --rereadsecrets"],
            .ikeProposal: ["ike=aes256-sha2_256;modp2048"],
            .childProposal: ["esp=aes256-sha2_256"],
            .pfs: ["pfs=yes"],
            .selectors: ["leftsubnet=NETWORK", "rightsubnet=NETWORK"],
            .identity: ["leftid=IDENTITY", "rightid=IDENTITY"],
            .mode: ["aggressive=no"],
            .version: ["ikev2=insist   (no: IKEv1)"],
            .natTraversal: ["encapsulation=auto"],
            .fragmentation: ["fragmentation=yes"],
            .certificateAuthority: ["certutil -A -d sql:/var/lib/ipsec/nss -n NAME -t CT,, -i ca.pem"],
            .encapsulation: ["type=tunnel"],
        ])

    static let racoon = Product(
        "racoon", in: "racoon.conf",
        [
            .presharedKey: ["PEER KEY   (psk.txt)"],
            .ikeProposal: ["proposal { encryption_algorithm aes 256; hash_algorithm sha256; dh_group 14; }"],
            .childProposal: [
                "sainfo anonymous { encryption_algorithm aes 256; authentication_algorithm hmac_sha256; }"
            ],
            .pfs: ["sainfo anonymous { pfs_group 14; }"],
            .selectors: ["spdadd NETWORK NETWORK any -P out ipsec esp/tunnel/LOCAL-PEER/require;   (setkey)"],
            .identity: [#"my_identifier fqdn "IDENTITY";"#, #"peers_identifier fqdn "IDENTITY";"#],
            .mode: ["exchange_mode main;"],
            .natTraversal: ["nat_traversal on;"],
            .fragmentation: ["ike_frag on;"],
            .certificateAuthority: [#"ca_type x509 "ca.pem";"#],
            .encapsulation: ["esp/tunnel/LOCAL-PEER/require   (setkey)"],
        ])

    static let openIKED = Product(
        "OpenIKED", in: "iked.conf",
        [
            .presharedKey: [#"ikev2 "NAME" from NETWORK to NETWORK peer PEER psk "KEY""#],
            .ikeProposal: ["ikesa enc aes-256 auth hmac-sha2-256 group modp2048"],
            .childProposal: ["childsa enc aes-256 auth hmac-sha2-256"],
            .pfs: ["childsa enc aes-256 auth hmac-sha2-256 group modp2048"],
            .selectors: ["from NETWORK to NETWORK"],
            .identity: ["srcid IDENTITY dstid IDENTITY"],
            .fragmentation: ["set fragmentation"],
            .certificateAuthority: ["put the CA into /etc/iked/ca"],
            .encapsulation: [#"ikev2 "NAME" tunnel esp from NETWORK to NETWORK"#],
        ])
}
