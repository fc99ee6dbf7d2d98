/// The words of RouterOS and Junos.
extension Product {
    static let routerOS = Product(
        "MikroTik RouterOS", in: "RouterOS console",
        [
            .presharedKey: ["/ip ipsec identity set [find peer=NAME] auth-method=pre-shared-key secret=KEY"],
            .ikeProposal: ["/ip ipsec profile set NAME enc-algorithm=aes-256 hash-algorithm=sha256 dh-group=modp2048"],
            .childProposal: ["/ip ipsec proposal set NAME enc-algorithms=aes-256-cbc auth-algorithms=sha256"],
            .pfs: ["/ip ipsec proposal set NAME pfs-group=modp2048"],
            .selectors: ["/ip ipsec policy set NUMBER src-address=NETWORK dst-address=NETWORK"],
            .identity: ["/ip ipsec identity set [find peer=NAME] my-id=fqdn:IDENTITY remote-id=fqdn:IDENTITY"],
            .mode: ["/ip ipsec peer set NAME exchange-mode=main"],
            .version: ["/ip ipsec peer set NAME exchange-mode=ike2"],
            .natTraversal: ["/ip ipsec profile set NAME nat-traversal=yes"],
            .certificateAuthority: ["/certificate import file-name=ca.pem"],
            .encapsulation: ["/ip ipsec policy set NUMBER tunnel=yes"],
        ])

    static let junos = Product(
        "Junos", in: "Junos configuration",
        [
            .presharedKey: ["set security ike policy NAME pre-shared-key ascii-text KEY"],
            .ikeProposal: [
                "set security ike proposal NAME encryption-algorithm aes-256-cbc",
                "set security ike proposal NAME authentication-algorithm sha-256",
                "set security ike proposal NAME dh-group group14",
            ],
            .childProposal: [
                "set security ipsec proposal NAME encryption-algorithm aes-256-cbc",
                "set security ipsec proposal NAME authentication-algorithm hmac-sha-256-128",
            ],
            .pfs: ["set security ipsec policy NAME perfect-forward-secrecy keys group14"],
            .selectors: ["set security ipsec vpn NAME traffic-selector NAME local-ip NETWORK remote-ip NETWORK"],
            .identity: [
                "set security ike gateway NAME local-identity hostname IDENTITY",
                "set security ike gateway NAME remote-identity hostname IDENTITY",
            ],
            .mode: ["set security ike policy NAME mode main"],
            .version: ["set security ike gateway NAME version v2-only"],
            .natTraversal: ["delete security ike gateway NAME no-nat-traversal"],
            .fragmentation: ["delete security ike gateway NAME fragmentation disable"],
            .certificateAuthority: [
                "set security pki ca-profile NAME ca-identity NAME",
                "request security pki ca-certificate load ca-profile NAME filename FILE",
            ],
        ])
}
