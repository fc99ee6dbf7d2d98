import ScopeWire

extension KeyFile {
    /// One key of a file, in words; never its bytes.
    public struct Item: Hashable, Sendable {
        /// `line 12`, or `ike[0]` in a file of members.
        public var place: String
        public var what: String
    }

    /// What the file holds, row by row.
    ///
    /// Names of peers and addresses are as the file has them.
    public var items: [Item] {
        psk.enumerated().map { item("psk", $0.offset, $0.element.line, describe($0.element)) }
            + dh.enumerated().map { item("dh", $0.offset, nil, describe($0.element)) }
            + ike.enumerated().map { item("ike", $0.offset, $0.element.line, describe($0.element)) }
            + sa.enumerated().map { item("sa", $0.offset, $0.element.line, describe($0.element)) }
            + ppk.enumerated().map { item("ppk", $0.offset, $0.element.line, describe($0.element)) }
    }

    /// How many keys of which kind there are, without those of which there is none: `pre-shared key`, 1.
    public var kinds: [(name: String, count: Int)] {
        [
            ("pre-shared key", psk.count), ("DH secret", dh.count), ("IKE SA", ike.count { $0.version == 1 }),
            ("IKEv2 SA", ike.count { $0.version == 2 }), ("ESP SA", sa.count { !$0.isAH }),
            ("AH SA", sa.count(where: \.isAH)), ("postquantum key", ppk.count),
        ].filter { $0.1 > 0 }
    }

    private func item(_ list: String, _ index: Int, _ line: Int?, _ what: String) -> Item {
        Item(place: line.map { "line \($0)" } ?? "\(list)[\(index)]", what: what)
    }

    private func describe(_ row: PSK) -> String {
        let peers = ([row.peer] + row.others).map { $0 == .any ? "any peer" : $0.name }.joined(separator: ", ")
        return "pre-shared key for \(peers)" + (row.local.map { " at \($0)" } ?? "")
    }

    private func describe(_ row: DH) -> String {
        switch row {
        case .exponent(_, let group): "DH private exponent" + (group.map { " of group \($0)" } ?? "")
        case .sharedBySA(_, let spi, 0): "g^xy of the IKE SA \(Hex.spell(spi, digits: 16))"
        case .sharedBySA(_, let spi, let step):
            "secret of additional key exchange \(step) of the IKE SA \(Hex.spell(spi, digits: 16))"
        case .sharedByChild(_, let spi, 0):
            "g^xy of the Quick Mode that made SPI 0x\(Hex.spell(UInt64(spi), digits: 8))"
        case .sharedByChild(_, let spi, let step):
            "secret of additional key exchange \(step) for SPI 0x\(Hex.spell(UInt64(spi), digits: 8))"
        }
    }

    private func describe(_ row: PPK) -> String {
        "postquantum preshared key" + (row.id.map { " \(String(plain: $0, substitute: "?"))" } ?? "")
    }

    private func describe(_ row: IKE) -> String {
        let kind = row.version == 2 ? "IKEv2 SA" : "IKE SA"
        let names = IKEKeyKind.allCases.filter { row.keys[$0] != nil }.map(\.name).joined(separator: ", ")
        guard let spi = row.initiatorSPI else { return "\(kind), its SPIs are not in the file: \(names)" }
        let responder = row.responderSPI.map { " \(Hex.spell($0, digits: 16))" } ?? ""
        return "\(kind) \(Hex.spell(spi, digits: 16))\(responder): \(names)"
    }

    private func describe(_ row: SA) -> String {
        let spi = row.spi.map { "SA 0x\(Hex.spell(UInt64($0), digits: 8))" } ?? "SAs of any SPI"
        var words: [String] = []
        if !row.isAH {
            let bits = (row.encryptionKey.count - row.suite.encryption.saltLength) * 8
            words.append(row.suite.encryptionName + (bits > 0 ? " (\(bits) bits)" : ""))
        }
        if case .unknown(let length) = row.suite.integrity {
            words.append("an ICV of \(length * 8) bits whose key is not known")
        } else if row.suite.integrity != .none {
            words.append(row.suite.integrity.name)
        }
        if row.suite.usesESN { words.append("extended sequence numbers") }
        let to = row.destination.map { " to \($0)" } ?? ""
        return "\(row.isAH ? "AH" : "ESP") \(spi)\(to): \(words.joined(separator: ", "))"
    }
}
