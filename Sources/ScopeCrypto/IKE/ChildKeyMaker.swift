import ScopeDissect
import ScopeModel
import ScopeWire

/// The keys of one direction of a child SA, as its key exchange or a key file gives them.
struct ChildKeyMaterial {
    /// The encryption key with its salt, then the integrity key.
    let bytes: Secret
    /// Bytes of the encryption key with its salt; 0 in AH.
    let encryptionKeyLength: Int

    var encryptionKey: Secret { bytes.slice(0..<encryptionKeyLength) }
    var integrityKey: Secret { bytes.slice(encryptionKeyLength..<bytes.count) }
}

/// Makes the openers and verifiers of child SAs, and hands their keys to the export.
///
/// What derives keys need not know how packets are opened, and nothing else exports child keys.
struct ChildKeyMaker {
    /// One direction of an ESP or AH SA that was negotiated.
    struct Direction {
        let isAH: Bool
        let spi: UInt32
        let source: IPAddress
        let destination: IPAddress
        let suite: ESPSuite
        let encapsulation: Encapsulation?
    }

    /// Takes in the keys; nil where no export was asked for.
    let export: KeyExport?

    // MARK: Keys that a negotiation made

    /// An opener that schedules its keys with the first packet.
    ///
    /// - Parameter isNew: no SA of the capture had these algorithms: the keys are scheduled at once, so that an algorithm
    ///   that OpenSSL lacks is found before anything depends on it.
    func opener(
        of direction: Direction, _ keys: ChildKeyMaterial, name: KeyName, use: KeyUse, isNew: Bool
    ) throws(CryptoError) -> any ESPOpener {
        let opener = LazyESPOpener(direction.suite, keys: keys, name: name, use: use)
        if isNew { try opener.prepare() }
        guard let export else { return opener }
        return WatchedESPOpener(opener, export.add(direction.exported(keys)))
    }

    /// The same for AH.
    func verifier(
        of direction: Direction, _ keys: ChildKeyMaterial, name: KeyName, use: KeyUse, isNew: Bool
    ) throws(CryptoError) -> any AHVerifier {
        let verifier = KeyedAHVerifier(direction.suite, key: keys.bytes, name: name, use: use)
        if isNew { try verifier.prepare() }
        guard let export else { return verifier }
        return WatchedAHVerifier(verifier, export.add(direction.exported(keys)))
    }

    // MARK: Keys of a file

    /// The opener of a row, for packets from `source` to `destination`.
    func opener(
        for row: KeyRing.SARow, spi: UInt32, source: IPAddress, destination: IPAddress
    ) throws(CryptoError) -> any ESPOpener {
        let opener = try ESPOpeners.make(
            row.row.suite, encryptionKey: row.row.encryptionKey, integrityKey: row.row.integrityKey,
            name: row.use.name, use: row.use)
        guard let export else { return opener }
        return WatchedESPOpener(
            opener, export.add(KeyExport.SA(given: row.row, spi: spi, source: source, destination: destination)))
    }

    /// The same for AH.
    func verifier(
        for row: KeyRing.SARow, spi: UInt32, source: IPAddress, destination: IPAddress
    ) -> any AHVerifier {
        let verifier = KeyedAHVerifier(row.row.suite, key: row.row.integrityKey, name: row.use.name, use: row.use)
        guard let export else { return verifier }
        return WatchedAHVerifier(
            verifier, export.add(KeyExport.SA(given: row.row, spi: spi, source: source, destination: destination)))
    }
}

extension ChildKeyMaker.Direction {
    fileprivate func exported(_ keys: ChildKeyMaterial) -> KeyExport.SA {
        KeyExport.SA(
            isAH: isAH, spi: spi, source: source, destination: destination, suite: suite,
            encryptionKey: keys.encryptionKey, integrityKey: keys.integrityKey, encapsulation: encapsulation,
            isDerived: true)
    }
}

extension KeyExport.SA {
    fileprivate init(given row: KeyFile.SA, spi: UInt32, source: IPAddress, destination: IPAddress) {
        self.init(
            isAH: row.isAH, spi: spi, source: source, destination: destination, suite: row.suite,
            encryptionKey: row.encryptionKey, integrityKey: row.integrityKey, encapsulation: nil, isDerived: false)
    }
}
