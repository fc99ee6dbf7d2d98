import ScopeModel
import TestSupport

@testable import ScopeCrypto

extension IKEv2LabKeys {
    /// What the lab knows as rows of a key file.
    ///
    /// Parts: psk, ppk, dh-private-initiator, dh-private-responder, dh-shared, skeyid (SK_* and MSK). `wrong` flips a bit in
    /// each key.
    func keyFile(_ parts: Set<String>, wrong: Bool) -> KeyFile {
        func secret(_ text: String) -> Secret {
            var bytes = unhex(text)
            if wrong, let last = bytes.indices.last { bytes[last] ^= 1 }
            return Secret(copying: bytes)
        }
        var file = KeyFile(path: "lab.keys.json")
        let texts = Set((secrets ?? []).compactMap(\.secret) + ike.compactMap(\.psk))
        if parts.contains("psk") {
            for text in texts.sorted() where !text.hasPrefix("0x") {
                file.psk.append(KeyFile.PSK(peer: .any, key: secret(hex(Array(text.utf8)))))
            }
        }
        if parts.contains("ppk") {
            for text in texts.sorted() where text.hasPrefix("0x") {
                file.ppk.append(KeyFile.PPK(id: nil, key: secret(String(text.dropFirst(2)))))
            }
            for row in secrets ?? [] {
                guard let id = row.ppk_id, let key = row.secret_hex else { continue }
                file.ppk.append(KeyFile.PPK(id: id, key: secret(key)))
            }
        }
        for sa in ike { add(sa, parts, secret, to: &file) }
        guard !parts.filter({ $0.hasPrefix("dh") }).isEmpty else { return file }
        for sa in sas ?? [] {
            guard let spi = UInt32(sa.spi, radix: 16) else { continue }
            if let shared = sa.pfs_dh_shared { file.dh.append(.sharedByChild(secret(shared), spi: spi, step: 0)) }
            for (index, shared) in (sa.addke_shared ?? []).enumerated() {
                file.dh.append(.sharedByChild(secret(shared), spi: spi, step: index + 1))
            }
        }
        return file
    }

    private func add(_ sa: IKE, _ parts: Set<String>, _ secret: (String) -> Secret, to file: inout KeyFile) {
        guard let spi = UInt64(sa.spi_i ?? "", radix: 16) else { return }
        let group = sa.dh_group.flatMap { IKE.groups[$0] }
        if parts.contains("dh-private-initiator"), let key = sa.dh_private_i {
            file.dh.append(.exponent(secret(key), group: group))
        }
        if parts.contains("dh-private-responder"), let key = sa.dh_private_r {
            file.dh.append(.exponent(secret(key), group: group))
        }
        if parts.contains("dh-shared"), let key = sa.dh_shared {
            file.dh.append(.sharedBySA(secret(key), initiatorSPI: spi, step: 0))
        }
        for stage in sa.stages ?? [] where !parts.filter({ $0.hasPrefix("dh") }).isEmpty {
            if stage.stage > 0, let shared = stage.shared {
                file.dh.append(.sharedBySA(secret(shared), initiatorSPI: spi, step: stage.stage))
            }
            for (index, shared) in (stage.addke_shared ?? []).enumerated() {
                file.dh.append(.sharedBySA(secret(shared), initiatorSPI: spi, step: index + 1))
            }
        }
        guard parts.contains("skeyid") else { return }
        var row = KeyFile.IKE()
        row.version = 2
        row.initiatorSPI = spi
        row.responderSPI = UInt64(sa.spi_r ?? "", radix: 16)
        for (kind, text) in [
            (IKEKeyKind.skD, sa.SK_d), (.skAI, sa.SK_ai), (.skAR, sa.SK_ar), (.skEI, sa.SK_ei), (.skER, sa.SK_er),
            (.skPI, sa.SK_pi), (.skPR, sa.SK_pr), (.eapMSK, sa.eap_msk),
        ] {
            if let text, !text.isEmpty { row.keys[kind] = secret(text) }
        }
        if !row.keys.isEmpty { file.ike.append(row) }
    }
}
