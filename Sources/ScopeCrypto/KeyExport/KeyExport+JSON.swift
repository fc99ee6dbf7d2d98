extension KeyExport {
    /// The keys as `ikescope.keys/1`: SKEYID and its children, and all SAs; no PSK and no DH secret.
    public func json() -> SecretSink {
        let sink = SecretSink()
        sink.text("{\n  \"schema\": \"ikescope.keys/1\"")
        let ikev2 = ikev2
        list("ike", ike.count + ikev2.count, sink) { index in
            if index < ike.count { row(ike[index], sink) } else { row(ikev2[index - ike.count], sink) }
        }
        // A row whose algorithm the key file has no word for could not be read back.
        let named = sas.filter {
            ESPSuite.encryption(keyFile: $0.suite.encryptionName) != nil
                && ESPIntegrity(keyFile: $0.suite.integrity.name) != nil
        }
        list("sa", named.count, sink) { row(named[$0], sink) }
        sink.text("\n}\n")
        return sink
    }

    private func list(_ name: String, _ count: Int, _ sink: SecretSink, _ row: (Int) -> Void) {
        guard count > 0 else { return }
        sink.text(",\n  \"\(name)\": [")
        for index in 0..<count {
            sink.text(index == 0 ? "\n    {" : ",\n    {")
            row(index)
            sink.text("}")
        }
        sink.text("\n  ]")
    }

    private func row(_ entry: IKE, _ sink: SecretSink) {
        sink.text("\"initiator_spi\": \"\(Hex.spell(entry.initiatorSPI, digits: 16))\"")
        if entry.responderSPI != 0 {
            sink.text(", \"responder_spi\": \"\(Hex.spell(entry.responderSPI, digits: 16))\"")
        }
        let keys = entry.keys
        for (kind, key) in [
            (IKEKeyKind.skeyid, keys.skeyid), (.skeyidD, keys.d), (.skeyidA, keys.a), (.cipherKey, keys.cipherKey),
        ] {
            member(kind.rawValue, key, sink)
        }
    }

    private func row(_ row: KeyFile.IKE, _ sink: SecretSink) {
        sink.text("\"version\": 2")
        sink.text(", \"initiator_spi\": \"\(Hex.spell(row.initiatorSPI ?? 0, digits: 16))\"")
        if let spi = row.responderSPI { sink.text(", \"responder_spi\": \"\(Hex.spell(spi, digits: 16))\"") }
        for (kind, key) in row.keys.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            member(kind.rawValue, key, sink)
        }
    }

    private func row(_ sa: SA, _ sink: SecretSink) {
        sink.text("\"protocol\": \"\(sa.isAH ? "ah" : "esp")\", \"spi\": \"0x\(Hex.spell(UInt64(sa.spi), digits: 8))\"")
        if let destination = sa.destination { sink.text(", \"destination\": \"\(destination)\"") }
        if !sa.isAH { sink.text(", \"encryption\": \"\(sa.suite.encryptionName)\"") }
        if sa.encryptionKey.count > 0 { member("encryption_key", sa.encryptionKey, sink) }
        if sa.suite.integrity != .none { sink.text(", \"integrity\": \"\(sa.suite.integrity.name)\"") }
        if sa.integrityKey.count > 0 { member("integrity_key", sa.integrityKey, sink) }
        if sa.suite.usesESN { sink.text(", \"esn\": true") }
    }

    private func member(_ name: String, _ key: Secret?, _ sink: SecretSink) {
        guard let key else { return }
        sink.text(", \"\(name)\": \"")
        sink.hex(key)
        sink.text("\"")
    }
}
