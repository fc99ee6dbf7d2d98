import ScopeWire

/// The keys of a CHILD_SA as charon prints them, until its SPIs are known too.
///
/// "Initiator" is who began the exchange: its keys protect what it sends.
struct CharonChild {
    var encryptionName: String?
    var integrityName: String?
    var initiatorSeed: Secret?
    var responderSeed: Secret?
    var initiatorEncryption: Secret?
    var responderEncryption: Secret?
    var initiatorIntegrity: Secret?
    var responderIntegrity: Secret?
    var isAH = false
    var inbound: (spi: UInt32, destination: IPAddress?)?
    var outbound: (spi: UInt32, destination: IPAddress?)?
    let line: Int

    init(line: Int) { self.line = line }

    var hasKeys: Bool {
        initiatorEncryption != nil || responderEncryption != nil || initiatorIntegrity != nil
            || responderIntegrity != nil
    }

    /// Adds the SAs that have an SPI, each with the keys of its direction.
    func add(to file: inout KeyFile, isInitiator: Bool?, usesESN: Bool) {
        guard let encryption = isAH ? .null : encryptionName.map(DaemonNames.encryption) ?? .null else {
            return file.refuse(line, "ESP with \(encryptionName ?? "") is not supported")
        }
        guard let integrity = integrityName.map(DaemonNames.integrity) ?? ESPIntegrity.none else {
            return file.refuse(line, "authentication with \(integrityName ?? "") is not supported")
        }
        let suite = ESPSuite(
            encryption: encryption, integrity: encryption.tagLength == nil ? integrity : .none, usesESN: usesESN)
        for (end, isInbound) in [(inbound, true), (outbound, false)] {
            guard let end else { continue }
            let sender = senderIsInitiator(end.spi) ?? isInitiator.map { $0 != isInbound }
            let keys = self.keys(ofInitiator: sender ?? true)
            file.add(
                KeyFile.SA(
                    isAH: isAH, spi: end.spi, destination: end.destination, suite: suite,
                    encryptionKey: keys.encryption, integrityKey: keys.integrity,
                    alternative: sender == nil ? self.keys(ofInitiator: false) : nil, line: line))
        }
    }

    private func keys(ofInitiator: Bool) -> KeyFile.SA.Keys {
        let none = Secret(count: 0)
        return KeyFile.SA.Keys(
            encryption: (ofInitiator ? initiatorEncryption : responderEncryption) ?? none,
            integrity: (ofInitiator ? initiatorIntegrity : responderIntegrity) ?? none)
    }

    /// IKEv1's seeds hold protocol and SPI of the SA that they are for (RFC 2409 section 5.5).
    private func senderIsInitiator(_ spi: UInt32) -> Bool? {
        let wanted = [isAH ? 2 : 3] + (0..<4).map { UInt8(truncatingIfNeeded: spi >> UInt32(24 - 8 * $0)) }
        func holds(_ seed: Secret?) -> Bool {
            guard let seed, seed.count >= wanted.count else { return false }
            return (0...(seed.count - wanted.count)).contains { start in
                wanted.indices.allSatisfy { seed.byte(at: start + $0) == wanted[$0] }
            }
        }
        switch (holds(initiatorSeed), holds(responderSeed)) {
        case (true, false): return true
        case (false, true): return false
        default: return nil
        }
    }
}

/// What charon says between its dumps, as far as keys need it to be placed.
enum CharonNotice {
    case exchange(isInitiator: Bool)
    case selected(usesESN: Bool)
    case encryption(String)
    case integrity(String)
    case announced(isInbound: Bool, isAH: Bool)
    case spi(UInt32, destination: IPAddress?)

    /// - Parameter text: the line's content without blanks at its ends.
    init?(_ text: Line) {
        if text.hasPrefix("parsed ") {
            let words = text.words(limit: 3)
            guard words.count == 3 else { return nil }
            if words[2].equals("response") {
                self = .exchange(isInitiator: true)
            } else if words[2].equals("request") {
                self = .exchange(isInitiator: false)
            } else {
                return nil
            }
        } else if text.hasPrefix("using ") {
            let words = text.words(limit: 4)
            guard words.count == 4, words[2].equals("for") else { return nil }
            if words[3].equals("encryption") {
                self = .encryption(words[1].text)
            } else if words[3].equals("integrity") {
                self = .integrity(words[1].text)
            } else {
                return nil
            }
        } else if text.hasPrefix("adding ") || text.hasPrefix("registering ") {
            let words = text.words(limit: 5)
            guard words.count == 4, words[3].equals("SA"), words[1].equals("inbound") || words[1].equals("outbound"),
                words[2].equals("ESP") || words[2].equals("AH")
            else { return nil }
            self = .announced(isInbound: words[1].equals("inbound"), isAH: words[2].equals("AH"))
        } else if text.hasPrefix("SPI 0x") {
            let words = text.words(limit: 6)
            guard words.count == 6, words[2].equals("src"), words[4].equals("dst"),
                let spi = words[1][0..<10].hexNumber(digits: 8), words[1].count == 11
            else { return nil }
            self = .spi(UInt32(truncatingIfNeeded: spi), destination: words[5].address)
        } else if text.hasPrefix("selected proposal: ESP:") || text.hasPrefix("selected proposal: AH:") {
            self = .selected(usesESN: text.contains("/EXT_SEQ"))
        } else {
            return nil
        }
    }
}

extension Secret {
    /// Up to 8 bytes as a number.
    var number: UInt64 { withBytes { $0.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } } }
}
