/// The words of firewalls.
extension Product {
    static let fortiGate = Product(
        "FortiGate", in: "FortiOS CLI",
        [
            .presharedKey: ["config vpn ipsec phase1-interface", "edit NAME", "set psksecret KEY"],
            .ikeProposal: [
                "config vpn ipsec phase1-interface", "edit NAME", "set proposal aes256-sha256", "set dhgrp 14",
            ],
            .childProposal: ["config vpn ipsec phase2-interface", "edit NAME", "set proposal aes256-sha256"],
            .pfs: ["config vpn ipsec phase2-interface", "edit NAME", "set pfs enable", "set dhgrp 14"],
            .selectors: [
                "config vpn ipsec phase2-interface", "edit NAME", "set src-subnet NETWORK MASK",
                "set dst-subnet NETWORK MASK",
            ],
            .identity: [
                "config vpn ipsec phase1-interface", "edit NAME", "set localid IDENTITY", "set peertype one",
                "set peerid IDENTITY",
            ],
            .mode: ["config vpn ipsec phase1-interface", "edit NAME", "set mode main"],
            .version: ["config vpn ipsec phase1-interface", "edit NAME", "set ike-version 2"],
            .natTraversal: ["config vpn ipsec phase1-interface", "edit NAME", "set nattraversal enable"],
            .fragmentation: ["config vpn ipsec phase1-interface", "edit NAME", "set fragmentation enable"],
            .certificateAuthority: ["config user peer", "edit NAME", "set ca CA"],
            .encapsulation: ["config vpn ipsec phase2-interface", "edit NAME", "set encapsulation tunnel-mode"],
        ])

    static let panOS = Product(
        "PAN-OS", in: "PAN-OS configuration",
        [
            .presharedKey: ["set network ike gateway NAME authentication pre-shared-key key KEY"],
            .ikeProposal: [
                "set network ike crypto-profiles ike-crypto-profiles NAME encryption aes-256-cbc hash sha256 dh-group group14"
            ],
            .childProposal: [
                "set network ike crypto-profiles ipsec-crypto-profiles NAME esp encryption aes-256-cbc authentication sha256"
            ],
            .pfs: ["set network ike crypto-profiles ipsec-crypto-profiles NAME dh-group group14"],
            .selectors: ["set network tunnel ipsec NAME auto-key proxy-id NAME local NETWORK remote NETWORK"],
            .identity: [
                "set network ike gateway NAME local-id type fqdn id IDENTITY",
                "set network ike gateway NAME peer-id type fqdn id IDENTITY",
            ],
            .mode: ["set network ike gateway NAME protocol ikev1 exchange-mode main"],
            .version: ["set network ike gateway NAME protocol version ikev2"],
            .natTraversal: ["set network ike gateway NAME protocol-common nat-traversal enable yes"],
            .fragmentation: ["set network ike gateway NAME protocol-common fragmentation enable yes"],
        ])

    static let checkPoint = Product(
        "Check Point", in: "SmartConsole",
        [
            .presharedKey: ["VPN community: Shared Secret"],
            .ikeProposal: ["VPN community: Encryption, IKE Security Association (Phase 1)"],
            .childProposal: ["VPN community: Encryption, IKE Security Association (Phase 2)"],
            .pfs: ["VPN community: Advanced, Use Perfect Forward Secrecy"],
            .selectors: [
                "gateway: Network Management, VPN Domain", "VPN community: Tunnel Management, VPN Tunnel Sharing",
            ],
            .mode: ["VPN community: Advanced, Use aggressive mode: off"],
            .version: ["VPN community: Encryption, Encryption Method"],
            .natTraversal: ["gateway: IPsec VPN, VPN Advanced, Support NAT traversal"],
            .certificateAuthority: ["Servers: New, Trusted CA"],
        ])

    static let sonicWall = Product(
        "SonicWall", in: "VPN policy",
        [
            .presharedKey: ["General: Shared Secret"],
            .ikeProposal: ["Proposals: IKE (Phase 1) Proposal"],
            .childProposal: ["Proposals: IPsec (Phase 2) Proposal"],
            .pfs: ["Proposals: Enable Perfect Forward Secrecy"],
            .selectors: ["Network: Local Networks, Remote Networks"],
            .identity: ["General: Local IKE ID, Peer IKE ID"],
            .mode: ["Proposals: Exchange, Main Mode"],
            .version: ["Proposals: Exchange, IKEv2 Mode"],
        ])
}
