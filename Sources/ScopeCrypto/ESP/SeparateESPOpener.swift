import COpenSSL
import ScopeModel
import ScopeWire

/// Opens ESP with a cipher that needs an integrity algorithm beside it: NULL, CBC, CTR (RFC 4303 section 3.4.4.1).
final class SeparateESPOpener: ESPOpener {
    let keyName: KeyName
    private let usualICVLength: Int
    private let suite: ESPSuite
    private let icv: ICV
    private let vouches: Bool
    private let ivLength: Int
    private let blockLength: Int
    private let cbc: CBCDecryptor?
    private let ctr: StreamDecryptor?
    private let use: KeyUse
    private let encryptionKey: Secret
    private let integrityKey: Secret
    // These are not handed out, so that checking each access at run time would cost time and guard nothing.
    @exclusivity(unchecked) private var icvLength: ICVLength
    @exclusivity(unchecked) private var sequenceHigh: SequenceHigh

    init(
        _ suite: ESPSuite, encryptionKey: Secret, integrityKey: Secret, name: KeyName, use: KeyUse
    ) throws(CryptoError) {
        sequenceHigh = SequenceHigh(searchesFar: suite.searchesFar)
        keyName = name
        self.suite = suite
        self.use = use
        self.encryptionKey = encryptionKey
        self.integrityKey = integrityKey
        icv = try ICV(suite.integrity, key: integrityKey)
        usualICVLength = suite.integrity.tagLength
        icvLength = ICVLength(suite.integrity)
        ivLength = suite.encryption.ivLength
        switch suite.integrity {
        case .none, .unknown, .aesGMAC: vouches = false
        case .hmac, .aesXCBC, .aesCMAC: vouches = true
        }
        switch suite.encryption {
        case .cbc(let cipher):
            cbc = try CBCDecryptor(cipher, key: encryptionKey)
            ctr = nil
            blockLength = cipher.blockLength
        case .aesCTR, .camelliaCTR:
            cbc = nil
            ctr = try StreamDecryptor(suite.encryption == .aesCTR ? "AES" : "CAMELLIA", keyMaterial: encryptionKey)
            blockLength = 1
        case .null, .aesGCM, .aesCCM, .chaCha20Poly1305, .aesGMAC:
            cbc = nil
            ctr = nil
            blockLength = 1
        }
    }

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
        guard !suite.usesESN, icvLength.isSettled,
            let twin = try? SeparateESPOpener(
                suite, encryptionKey: encryptionKey, integrityKey: integrityKey, name: keyName,
                use: KeyUse(name: keyName))
        else { return nil }
        twin.icvLength = icvLength
        return twin
    }

    func note(_ opening: ESPOpening) {
        switch opening.verdict {
        case .unverified: use.fitted = true
        case .badICV: use.failures += 1
        case .malformed(.padLength) where !vouches, .malformed(.padBytes) where !vouches: use.failures += 1
        case .verified, .malformed, .noKey, .cut: if opening.isProved { use.fitted = true }
        }
    }

    @inline(__always)
    private func open(
        _ packet: UnsafePointer<UInt8>, _ length: Int, _ output: UnsafeMutablePointer<UInt8>, capacity: Int
    ) -> ESPOpening {
        var finding = ESPFinding()
        var tagLength = usualICVLength
        if vouches {
            // SPI, sequence number, IV, pad length and next header.
            guard length - icvLength.value >= 8 + ivLength + 2 else { return ESPOpening(.malformed(.tooShort)) }
            guard let found = findICVLength(packet, length: length, output, capacity: capacity, &finding) else {
                use.failures += 1
                return ESPOpening(.badICV)
            }
            tagLength = found
            finding.icvLength = UInt8(truncatingIfNeeded: found)
            finding.isICVLengthUnusual = found != usualICVLength
            use.fitted = true
        }
        let covered = length - tagLength
        guard covered >= 8 + ivLength + 2 else { return ESPOpening(.malformed(.tooShort), finding) }
        let sealed = covered - 8 - ivLength
        guard sealed <= capacity else { return ESPOpening(.malformed(.padLength), finding) }
        guard sealed % blockLength == 0 else { return ESPOpening(.malformed(.notBlockAligned), finding) }
        let ciphertext = packet + 8 + ivLength
        if let cbc {
            guard cbc.decrypt(behindIV: packet + 8, count: sealed, into: output) else {
                return ESPOpening(.malformed(.notBlockAligned), finding)
            }
        } else if let ctr {
            guard ctr.decrypt(iv: packet + 8, ciphertext, count: sealed, into: output) else {
                return ESPOpening(.malformed(.notBlockAligned), finding)
            }
        } else {
            output.update(from: ciphertext, count: sealed)
        }
        guard !vouches else { return ESPTrailer.verified(output, length: sealed, finding) }
        let verdict = ESPTrailer.unverified(output, length: sealed)
        if case .unverified = verdict { use.fitted = true } else { use.failures += 1 }
        return ESPOpening(verdict)
    }

    /// The length of the ICV that is right; nil when none is.
    @inline(__always)
    private func findICVLength(
        _ packet: UnsafePointer<UInt8>, length: Int, _ output: UnsafeMutablePointer<UInt8>, capacity: Int,
        _ finding: inout ESPFinding
    ) -> Int? {
        icvLength.find { tagLength in
            let covered = length - tagLength
            guard covered >= 8 else { return false }
            let tag = packet + covered
            guard suite.usesESN else { return icv.fits(tag, tagLength, over: packet, covered, high: nil) }
            // A length that leaves no whole blocks is not worth a search.
            guard (covered - 8 - ivLength) % blockLength == 0 else { return false }
            var isPrepared = false
            let high = sequenceHigh.find(low: ESPFields.sequence(packet)) { high in
                icv.fits(tag, tagLength, over: packet, covered, high: high)
            } evidence: {
                evidence(packet, covered - 8 - ivLength, output, capacity)
            } search: { high in
                if !isPrepared { isPrepared = icv.prepare(packet, covered) }
                return icv.fitsPrepared(tag, tagLength, over: packet, covered, high: high)
            }
            finding.sequenceHigh = high
            return high != nil
        }
    }

    /// What the plaintext says of the key: the high half has no part in it.
    private func evidence(
        _ packet: UnsafePointer<UInt8>, _ sealed: Int, _ output: UnsafeMutablePointer<UInt8>, _ capacity: Int
    ) -> SequenceHigh.Evidence {
        guard sealed >= 2, sealed <= capacity else { return .speaksAgainstKey }
        let isDecrypted: Bool
        if let cbc {
            isDecrypted = cbc.decrypt(behindIV: packet + 8, count: sealed, into: output)
        } else if let ctr {
            isDecrypted = ctr.decrypt(iv: packet + 8, packet + 8 + ivLength, count: sealed, into: output)
        } else {
            return .silent
        }
        guard isDecrypted, case .unverified = ESPTrailer.unverified(output, length: sealed) else {
            return .speaksAgainstKey
        }
        return .speaksForKey
    }
}

/// The two fields before every ESP payload.
enum ESPFields {
    @inline(__always)
    static func sequence(_ packet: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(packet[4]) << 24 | UInt32(packet[5]) << 16 | UInt32(packet[6]) << 8 | UInt32(packet[7])
    }
}
