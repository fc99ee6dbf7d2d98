import ScopeModel
import ScopeWire

/// Opens ESP with a cipher that authenticates by itself (RFC 4106, 4309, 4543, 7634).
final class AEADOpener: ESPOpener {
    let keyName: KeyName
    private let aead: AEADDecryptor
    private let isGMAC: Bool
    /// It has a way of its own: GMAC, or an IV that is not in the packet.
    private let isApart: Bool
    /// Bytes before the ciphertext.
    private let head: Int
    private let tagLength: Int
    private let usesESN: Bool
    private let use: KeyUse
    private let suite: ESPSuite
    private let encryptionKey: Secret
    private let additional: UnsafeMutablePointer<UInt8>
    // It is not handed out, so that checking each access at run time would cost time and guard nothing.
    @exclusivity(unchecked) private var sequenceHigh: SequenceHigh

    init(_ suite: ESPSuite, encryptionKey: Secret, name: KeyName, use: KeyUse) throws(CryptoError) {
        let bits = (encryptionKey.count - suite.encryption.saltLength) * 8
        let algorithm =
            switch suite.encryption {
            case .aesCCM: "AES-\(bits)-CCM"
            case .chaCha20Poly1305: "ChaCha20-Poly1305"
            case .null, .cbc, .aesCTR, .camelliaCTR, .aesGCM, .aesGMAC: "AES-\(bits)-GCM"
            }
        keyName = name
        self.use = use
        self.suite = suite
        self.encryptionKey = encryptionKey
        isGMAC = suite.encryption == .aesGMAC
        isApart = isGMAC || suite.usesImplicitIV
        head = suite.usesImplicitIV ? 8 : 16
        usesESN = suite.usesESN
        sequenceHigh = SequenceHigh(searchesFar: suite.searchesFar)
        tagLength = suite.encryption.tagLength ?? 16
        aead = try AEADDecryptor(
            algorithm, keyMaterial: encryptionKey, saltLength: suite.encryption.saltLength, tagLength: tagLength)
        additional = .allocate(capacity: 12)
        additional.initialize(repeating: 0, count: 12)
    }

    deinit { additional.deallocate() }

    func open(_ bytes: RawSpan, esp: Range<Int>, into plaintext: PlaintextBuffer) -> ESPOpening {
        guard esp.lowerBound >= 0, esp.upperBound <= bytes.byteCount else { return ESPOpening(.cut) }
        return bytes.withUnsafeBytes { whole in
            plaintext.withUnsafeMutableBytes { target in
                guard let start = whole.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    let output = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                else { return ESPOpening(.malformed(.tooShort)) }
                let room = target.count - PlaintextBuffer.headroom
                return open(start + esp.lowerBound, esp.count, output + PlaintextBuffer.headroom, capacity: room)
            }
        }
    }

    func twin() -> (any ESPOpener)? {
        guard !usesESN else { return nil }
        return try? AEADOpener(suite, encryptionKey: encryptionKey, name: keyName, use: KeyUse(name: keyName))
    }

    func note(_ opening: ESPOpening) {
        if case .badICV = opening.verdict { use.failures += 1 } else if opening.isProved { use.fitted = true }
    }

    @inline(__always)
    private func open(
        _ packet: UnsafePointer<UInt8>, _ length: Int, _ output: UnsafeMutablePointer<UInt8>, capacity: Int
    ) -> ESPOpening {
        let sealed = length - tagLength - head
        guard sealed >= 2 else { return ESPOpening(.malformed(.tooShort)) }
        guard sealed <= capacity - 64 else { return ESPOpening(.malformed(.padLength)) }
        var finding = ESPFinding()
        let good: Bool
        if usesESN {
            finding.sequenceHigh = sequenceHigh.find(low: ESPFields.sequence(packet)) {
                attempt(packet, sealed, output, high: $0)
            } evidence: {
                evidence(output, sealed)
            } search: {
                attempt(packet, sealed, output, high: $0)
            }
            good = finding.sequenceHigh != nil
        } else {
            good = attempt(packet, sealed, output, high: nil)
        }
        guard good else {
            use.failures += 1
            return ESPOpening(.badICV)
        }
        finding.icvLength = UInt8(truncatingIfNeeded: tagLength)
        use.fitted = true
        return ESPTrailer.verified(output, length: sealed, finding)
    }

    /// What the plaintext of an attempt that failed says of the key: the high half has no part in it.
    private func evidence(_ output: UnsafePointer<UInt8>, _ sealed: Int) -> SequenceHigh.Evidence {
        guard aead.writesBeforeTag, !isGMAC else { return .silent }
        guard case .unverified = ESPTrailer.unverified(output, length: sealed) else { return .speaksAgainstKey }
        return .speaksForKey
    }

    /// The additional data are SPI and sequence number, with the high half between them (RFC 4106 section 5).
    @inline(__always)
    private func attempt(
        _ packet: UnsafePointer<UInt8>, _ sealed: Int, _ output: UnsafeMutablePointer<UInt8>, high: UInt32?
    ) -> Bool {
        if isApart {
            return isGMAC
                ? attemptGMAC(packet, sealed, output, high: high)
                : attemptImplicit(packet, sealed, output, high: high)
        }
        var count = 8
        if let high {
            for index in 0..<4 {
                additional[index] = packet[index]
                additional[4 + index] = UInt8(truncatingIfNeeded: high >> UInt32(24 - index * 8))
                additional[8 + index] = packet[4 + index]
            }
            count = 12
        } else {
            for index in 0..<8 { additional[index] = packet[index] }
        }
        return aead.open(
            iv: packet + 8, packet + 16, count: sealed, tag: packet + 16 + sealed, additional: additional,
            additionalCount: count, into: output)
    }

    /// The IV is the sequence number in 64 bits (RFC 8750 section 3): without an extended one its high half is zero.
    private func attemptImplicit(
        _ packet: UnsafePointer<UInt8>, _ sealed: Int, _ output: UnsafeMutablePointer<UInt8>, high: UInt32?
    ) -> Bool {
        var iv: UInt64 = UInt64(high ?? 0) << 32 | UInt64(ESPFields.sequence(packet))
        iv = iv.bigEndian
        for index in 0..<4 { additional[index] = packet[index] }
        var count = 4
        if let high {
            for index in 0..<4 { additional[4 + index] = UInt8(truncatingIfNeeded: high >> UInt32(24 - index * 8)) }
            count = 8
        }
        for index in 0..<4 { additional[count + index] = packet[4 + index] }
        return withUnsafeBytes(of: &iv) { iv in
            guard let start = iv.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
            return aead.open(
                iv: start, packet + 8, count: sealed, tag: packet + 8 + sealed, additional: additional,
                additionalCount: count + 4, into: output)
        }
    }

    /// GMAC: all of the packet is additional data (RFC 4543 section 3.3).
    private func attemptGMAC(
        _ packet: UnsafePointer<UInt8>, _ sealed: Int, _ output: UnsafeMutablePointer<UInt8>, high: UInt32?
    ) -> Bool {
        // SPI | [high half] | sequence number | IV | payload, laid out behind each other in the output buffer.
        var at = 4
        output.update(from: packet, count: 4)
        if let high {
            for index in 0..<4 { output[4 + index] = UInt8(truncatingIfNeeded: high >> UInt32(24 - index * 8)) }
            at = 8
        }
        (output + at).update(from: packet + 4, count: 12 + sealed)
        let good = aead.open(
            iv: packet + 8, packet, count: 0, tag: packet + 16 + sealed, additional: output,
            additionalCount: at + 12 + sealed, into: output)
        guard good else { return false }
        output.update(from: packet + 16, count: sealed)
        return true
    }
}

/// Makes the opener that a suite calls for.
enum ESPOpeners {
    static func make(
        _ suite: ESPSuite, encryptionKey: Secret, integrityKey: Secret, name: KeyName, use: KeyUse
    ) throws(CryptoError) -> any ESPOpener {
        if suite.encryption.tagLength != nil {
            return try AEADOpener(suite, encryptionKey: encryptionKey, name: name, use: use)
        }
        return try SeparateESPOpener(
            suite, encryptionKey: encryptionKey, integrityKey: integrityKey, name: name, use: use)
    }
}
