import ScopeWire

extension KeyExport {
    /// A file of Wireshark's profile folder.
    public struct Table {
        /// The names that a table may have.
        public static let names = ["ikev1_decryption_table", "ikev2_decryption_table", "esp_sa"]

        public let name: String
        public let text: SecretSink
    }

    /// The tables that Wireshark and tshark read from a profile folder; `leftOut` says what they have no words for.
    public func wiresharkTables() -> (tables: [Table], leftOut: [String]) {
        var leftOut: [String] = []
        let tables = [
            Table(name: "ikev1_decryption_table", text: ikev1Table()),
            Table(name: "ikev2_decryption_table", text: ikev2Table(&leftOut)),
            Table(name: "esp_sa", text: espTable(&leftOut)),
        ]
        return (tables.filter { !$0.text.isEmpty }, leftOut)
    }

    private func ikev1Table() -> SecretSink {
        let sink = SecretSink()
        for entry in ike {
            sink.text("\(Hex.spell(entry.initiatorSPI, digits: 16)),")
            sink.hex(entry.keys.cipherKey)
            sink.text("\n")
        }
        return sink
    }

    private func ikev2Table(_ leftOut: inout [String]) -> SecretSink {
        let sink = SecretSink()
        for row in ikev2 {
            guard let initiator = row.initiatorSPI, let responder = row.responderSPI, let suite = row.suite,
                let ei = row.keys[.skEI], let er = row.keys[.skER],
                let encryption = WiresharkNames.ikeName(suite.encryption, keyLength: ei.count),
                let integrity = WiresharkNames.ikeName(suite.integrity)
            else {
                let name = row.initiatorSPI.map { Hex.spell($0, digits: 16) } ?? "without its SPI"
                leftOut.append("IKEv2 SA \(name): its row does not tell all that Wireshark wants")
                continue
            }
            sink.text("\(Hex.spell(initiator, digits: 16)),\(Hex.spell(responder, digits: 16)),")
            sink.hex(ei)
            sink.text(",")
            sink.hex(er)
            sink.text(",\"\(encryption)\",")
            for kind in [IKEKeyKind.skAI, .skAR] {
                if let key = row.keys[kind] { sink.hex(key) } else { sink.text("\"\"") }
                sink.text(",")
            }
            sink.text("\"\(integrity)\"\n")
        }
        return sink
    }

    private func espTable(_ leftOut: inout [String]) -> SecretSink {
        let sink = SecretSink()
        let proven = sas
        var users: [UInt32: Int] = [:]
        for sa in proven where !sa.isAH { users[sa.spi, default: 0] += 1 }
        for sa in proven {
            let spi = "0x" + Hex.spell(UInt64(sa.spi), digits: 8)
            guard !sa.isAH else {
                leftOut.append("AH SA \(spi): Wireshark does not check AH")
                continue
            }
            let isChecked = WiresharkNames.name(sa.suite.integrity) != nil && !sa.suite.usesESN
            guard let encryption = WiresharkNames.name(sa.suite.encryption),
                let integrity = WiresharkNames.name(isChecked ? sa.suite.integrity : unchecked(sa.suite))
            else {
                let names = [sa.suite.encryption.name, sa.suite.integrity.name].filter { !$0.isEmpty && $0 != "none" }
                leftOut.append("ESP SA \(spi): Wireshark does not know \(names.joined(separator: " with "))")
                continue
            }
            guard !sa.suite.usesImplicitIV else {
                leftOut.append("ESP SA \(spi): Wireshark does not know implicit IVs")
                continue
            }
            // What authenticates and encrypts in one needs the whole number; else packets open without a check of the ICV.
            guard !sa.suite.usesESN || sa.suite.encryption.tagLength == nil else {
                leftOut.append("ESP SA \(spi): the table has no room for extended sequence numbers in all releases")
                continue
            }
            let isV6 = sa.destination?.isV6 ?? sa.source?.isV6 ?? false
            // An SPI finds its SA by itself, also behind a NAT; addresses are for the SPI that two devices chose.
            let isShared = users[sa.spi] ?? 0 > 1
            let source = isShared ? sa.source.map(\.description) ?? "*" : "*"
            let destination = isShared ? sa.destination.map(\.description) ?? "*" : "*"
            sink.text("\"\(isV6 ? "IPv6" : "IPv4")\",\"\(source)\",\"\(destination)\",\"\(spi)\",\"\(encryption)\",\"")
            key(sa.encryptionKey, sink)
            sink.text("\",\"\(integrity)\",\"")
            if isChecked { key(sa.integrityKey, sink) }
            sink.text("\"\n")
        }
        return sink
    }

    /// As Wireshark names an ICV that it is not to check: of an algorithm that it does not know, or over the high half of an
    /// extended sequence number, which the table has no room for.
    private func unchecked(_ suite: ESPSuite) -> ESPIntegrity {
        suite.integrity.tagLength > 0 ? .unknown(length: suite.integrity.tagLength) : suite.integrity
    }

    private func key(_ key: Secret, _ sink: SecretSink) {
        guard key.count > 0 else { return }
        sink.text("0x")
        sink.hex(key)
    }
}
