/// The words of clients.
extension Product {
    static let windows = Product(
        "Windows", in: "PowerShell",
        [
            .presharedKey: ["Set-VpnConnection -Name NAME -L2tpPsk KEY"],
            .ikeProposal: [
                "Set-VpnConnectionIPsecConfiguration -ConnectionName NAME -EncryptionMethod AES256 -IntegrityCheckMethod SHA256 -DHGroup Group14 -CipherTransformConstants AES256 -AuthenticationTransformConstants SHA256128 -PfsGroup PFS2048"
            ],
            .childProposal: [
                "Set-VpnConnectionIPsecConfiguration -ConnectionName NAME -EncryptionMethod AES256 -IntegrityCheckMethod SHA256 -DHGroup Group14 -CipherTransformConstants AES256 -AuthenticationTransformConstants SHA256128 -PfsGroup PFS2048"
            ],
            .pfs: [
                "Set-VpnConnectionIPsecConfiguration -ConnectionName NAME -EncryptionMethod AES256 -IntegrityCheckMethod SHA256 -DHGroup Group14 -CipherTransformConstants AES256 -AuthenticationTransformConstants SHA256128 -PfsGroup PFS2048"
            ],
            .version: ["Set-VpnConnection -Name NAME -TunnelType Ikev2"],
            .natTraversal: [
                #"Set-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Services\PolicyAgent AssumeUDPEncapsulationContextOnSendRule 2"#
            ],
            .fragmentation: [
                #"Set-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Services\RemoteAccess\Parameters\Ikev2 EnableServerFragmentation 1"#
            ],
            .certificateAuthority: [#"Import-Certificate -FilePath ca.cer -CertStoreLocation Cert:\LocalMachine\Root"#],
        ])

    static let apple = Product(
        "macOS, iOS", in: "configuration profile, VPN payload",
        [
            .presharedKey: ["SharedSecret"],
            .ikeProposal: [
                "IKESecurityAssociationParameters: EncryptionAlgorithm, IntegrityAlgorithm, DiffieHellmanGroup"
            ],
            .childProposal: ["ChildSecurityAssociationParameters: EncryptionAlgorithm, IntegrityAlgorithm"],
            .pfs: ["EnablePFS"],
            .identity: ["LocalIdentifier, RemoteIdentifier"],
            .version: ["VPNType: IKEv2"],
            .certificateAuthority: ["ServerCertificateIssuerCommonName"],
        ])
}
