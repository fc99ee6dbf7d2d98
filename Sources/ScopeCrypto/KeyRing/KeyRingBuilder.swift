import ScopeModel
import ScopeWire

/// Puts the rows of key files where a key ring looks for them.
///
/// A key that is given twice counts as one.
struct KeyRingBuilder {
    var psk: [PSKTable.Entry] = []
    var exponents: [ExponentIndex.Exponent] = []
    var sharedBySA: [UInt64: [KeyRing.Shared]] = [:]
    var sharedByChild: [UInt32: [KeyRing.Shared]] = [:]
    var ike: [UInt64: [KeyRing.IKERow]] = [:]
    var ikeByIV: [[UInt8]: [KeyRing.IKERow]] = [:]
    var ikeAnywhere: [KeyRing.IKERow] = []
    var sa: [UInt32: [KeyRing.SARow]] = [:]
    var saAnywhere: [KeyRing.SARow] = []
    var ppk: [PPKTable.Entry] = []
    var ikeWithD: [KeyRing.IKERow] = []
    var rows: [UnusedKeys.Row] = []
    var files: [UnusedKeys.FileUse] = []
    /// Places in `exponents`, by a hash of their bytes.
    private var exponentPlaces: [Int: [Int]] = [:]
    /// Places in `psk`, likewise.
    private var pskPlaces: [Int: [Int]] = [:]

    mutating func add(_ file: KeyFile, prefix: String) {
        let record = UnusedKeys.FileUse(file)
        files.append(record)
        /// Keeps a row for the report of unused keys, which names a log as a whole.
        func list(_ row: UnusedKeys.Row, _ use: KeyUse) {
            record.uses.append(use)
            if !record.isRecord { rows.append(row) }
        }
        for (index, entry) in file.psk.enumerated() {
            guard !isRepeated(entry) else { continue }
            let peers = [entry.peer] + entry.others
            let use = KeyUse(name: KeyName("\(prefix)psk\(Self.place(entry.line, index)) (\(Self.names(peers)))"))
            list(.psk(psk.count), use)
            psk.append(PSKTable.Entry(peers: peers, local: entry.local, key: entry.key, use: use))
        }
        for (index, entry) in file.dh.enumerated() {
            switch entry {
            case .exponent(let secret, let group):
                guard !isRepeated(secret, group: group) else { continue }
                let use = KeyUse(name: KeyName("\(prefix)dh[\(index)].private"))
                exponents.append(ExponentIndex.Exponent(secret: secret, group: group, use: use))
                list(.exponent(use), use)
            case .sharedBySA(let secret, let spi, let step):
                guard !(sharedBySA[spi] ?? []).contains(where: { $0.step == step && $0.secret.equals(secret) }) else {
                    continue
                }
                let use = KeyUse(name: KeyName("\(prefix)dh[\(index)].shared"))
                sharedBySA[spi, default: []].append(KeyRing.Shared(secret: secret, step: step, use: use))
                list(.sharedBySA(spi, use), use)
            case .sharedByChild(let secret, let spi, let step):
                guard !(sharedByChild[spi] ?? []).contains(where: { $0.step == step && $0.secret.equals(secret) })
                else {
                    continue
                }
                let use = KeyUse(name: KeyName("\(prefix)dh[\(index)].shared"))
                sharedByChild[spi, default: []].append(KeyRing.Shared(secret: secret, step: step, use: use))
                list(.sharedByChild(spi, use), use)
            }
        }
        for (index, row) in file.ike.enumerated() {
            let use = KeyUse(name: KeyName("\(prefix)ike\(Self.place(row.line, index))"))
            let entry = KeyRing.IKERow(row: row, use: use)
            if row.keys[.skD] != nil { ikeWithD.append(entry) }
            if let spi = row.initiatorSPI {
                guard !(ike[spi] ?? []).contains(where: { $0.row.isSame(as: row) }) else { continue }
                ike[spi, default: []].append(entry)
            } else if let iv = row.initialIV {
                guard !(ikeByIV[iv] ?? []).contains(where: { $0.row.isSame(as: row) }) else { continue }
                ikeByIV[iv, default: []].append(entry)
            } else {
                ikeAnywhere.append(entry)
            }
            list(.ike(row, use), use)
        }
        for (index, row) in file.ppk.enumerated() {
            guard !ppk.contains(where: { $0.id == row.id && $0.key.equals(row.key) }) else { continue }
            let name = row.id.map { " (\(String(plain: $0, substitute: "?")))" } ?? ""
            let use = KeyUse(name: KeyName("\(prefix)ppk\(Self.place(row.line, index))\(name)"))
            ppk.append(PPKTable.Entry(id: row.id, key: row.key, use: use))
            list(.ppk(use), use)
        }
        for (index, row) in file.sa.enumerated() {
            let use = KeyUse(name: KeyName("\(prefix)sa\(Self.place(row.line, index))"))
            guard let spi = row.spi else {
                saAnywhere.append(KeyRing.SARow(row: row, use: use))
                list(.sa(row, use), use)
                continue
            }
            guard !(sa[spi] ?? []).contains(where: { $0.row.isSame(as: row) }) else { continue }
            sa[spi, default: []].append(KeyRing.SARow(row: row, use: use))
            if let other = row.alternative {
                var turned = row
                (turned.encryptionKey, turned.integrityKey) = (other.encryption, other.integrity)
                sa[spi, default: []].append(KeyRing.SARow(row: turned, use: use))
            }
            list(.sa(row, use), use)
        }
    }

    /// `[3]`, or ` at line 12` in a file of lines.
    private static func place(_ line: Int?, _ index: Int) -> String { line.map { " at line \($0)" } ?? "[\(index)]" }

    private static func names(_ peers: [KeyFile.PSK.Peer]) -> String {
        peers.prefix(4).map(\.name).joined(separator: ", ") + (peers.count > 4 ? ", …" : "")
    }

    private static func hash(_ secret: Secret) -> Int {
        var hasher = Hasher()
        secret.withBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    /// True when this exponent was given before.
    private mutating func isRepeated(_ secret: Secret, group: UInt16?) -> Bool {
        let hash = Self.hash(secret)
        let isKnown = (exponentPlaces[hash] ?? []).contains {
            exponents[$0].secret.equals(secret) && (exponents[$0].group == nil || exponents[$0].group == group)
        }
        if !isKnown { exponentPlaces[hash, default: []].append(exponents.count) }
        return isKnown
    }

    /// True when this pre-shared key was given before, for the same peers.
    private mutating func isRepeated(_ entry: KeyFile.PSK) -> Bool {
        let hash = Self.hash(entry.key)
        let peers = [entry.peer] + entry.others
        let isKnown = (pskPlaces[hash] ?? []).contains {
            psk[$0].key.equals(entry.key) && psk[$0].peers == peers && psk[$0].local == entry.local
        }
        if !isKnown { pskPlaces[hash, default: []].append(psk.count) }
        return isKnown
    }
}

extension KeyFile.IKE {
    /// Whether both hold the same keys of the same SA, wherever they stand.
    fileprivate func isSame(as other: KeyFile.IKE) -> Bool {
        version == other.version && responderSPI == other.responderSPI && keys.count == other.keys.count
            && keys.allSatisfy { name, key in other.keys[name].map(key.equals) ?? false }
    }
}

extension KeyFile.SA {
    fileprivate func isSame(as other: KeyFile.SA) -> Bool {
        isAH == other.isAH && destination == other.destination && suite == other.suite
            && encryptionKey.equals(other.encryptionKey) && integrityKey.equals(other.integrityKey)
    }
}
