import COpenSSL
import ScopeModel
import ScopeWire

/// Checks the ICVs of AH under one key, which is scheduled with the first packet (RFC 4302 section 3.4.4).
final class KeyedAHVerifier: AHVerifier {
    let keyName: KeyName
    private let usualICVLength: Int
    private let suite: ESPSuite
    private let key: Secret
    private let use: KeyUse
    private var icv: ICV?
    private var gmac: AEADDecryptor?
    private var icvLength: ICVLength
    private var sequenceHigh: SequenceHigh
    /// The ICV of the packet, while its place in the packet is zero.
    private let tag: UnsafeMutablePointer<UInt8>
    private static let longestTag = 64

    init(_ suite: ESPSuite, key: Secret, name: KeyName, use: KeyUse) {
        sequenceHigh = SequenceHigh(searchesFar: suite.searchesFar)
        keyName = name
        self.suite = suite
        self.key = key
        self.use = use
        usualICVLength = suite.integrity.tagLength
        icvLength = ICVLength(suite.integrity)
        tag = .allocate(capacity: Self.longestTag)
        tag.initialize(repeating: 0, count: Self.longestTag)
    }

    deinit { tag.deallocate() }

    /// Schedules the key; throws what speaks against it or the algorithm.
    func prepare() throws(CryptoError) {
        guard icv == nil, gmac == nil else { return }
        if case .aesGMAC(let length) = suite.integrity {
            gmac = try AEADDecryptor(
                "AES-\((length - Self.saltLength) * 8)-GCM", keyMaterial: key, saltLength: Self.saltLength,
                tagLength: suite.integrity.tagLength)
        } else {
            icv = try ICV(suite.integrity, key: key)
        }
    }
    private static let saltLength = 4

    func verify(_ buffer: PlaintextBuffer, covered: Range<Int>, icv place: Range<Int>, sequence: UInt32) -> AHVerdict {
        guard covered.lowerBound >= 0, covered.upperBound <= buffer.count, place.lowerBound >= covered.lowerBound,
            place.upperBound <= covered.upperBound, (try? prepare()) != nil
        else { return .noKey }
        if let gmac { return verify(gmac, buffer, covered: covered, icv: place, sequence: sequence) }
        guard let icv else { return .noKey }
        switch suite.integrity {
        // Nothing that could be checked.
        case .none, .unknown, .aesGMAC: return .noKey
        case .hmac, .aesXCBC, .aesCMAC: break
        }
        var high: UInt32?
        let found = buffer.withUnsafeMutableBytes { raw -> Int? in
            let bytes = raw.assumingMemoryBound(to: UInt8.self)
            guard let base = bytes.baseAddress else { return nil }
            return icvLength.find { length in
                // What fills the field up to a multiple of four or eight bytes is covered as it is.
                guard length <= place.count, place.count - length < 8, length <= Self.longestTag else { return false }
                let field = base + place.lowerBound
                tag.update(from: field, count: length)
                field.update(repeating: 0, count: length)
                defer { field.update(from: tag, count: length) }
                let (start, count) = (UnsafePointer(base + covered.lowerBound), covered.count)
                guard suite.usesESN else { return icv.fits(tag, length, over: start, count, high: nil) }
                var isPrepared = false
                high = sequenceHigh.find(low: sequence) { high in
                    icv.fits(tag, length, over: start, count, high: high)
                } evidence: {
                    .silent
                } search: { high in
                    if !isPrepared { isPrepared = icv.prepare(start, count) }
                    return icv.fitsPrepared(tag, length, over: start, count, high: high)
                }
                return high != nil
            }
        }
        guard let found else {
            use.failures += 1
            return .badICV
        }
        use.fitted = true
        var finding = AHFinding(sequenceHigh: high, icvLength: UInt8(truncatingIfNeeded: found))
        finding.isICVLengthUnusual = found != usualICVLength
        return .verified(finding)
    }

    /// The ICV field of AES-GMAC is the IV and the tag; both are zero in what the tag covers, and four bytes may fill the
    /// header up behind them in IPv6 (RFC 4543 section 4 and erratum 3643).
    private func verify(
        _ gmac: AEADDecryptor, _ buffer: PlaintextBuffer, covered: Range<Int>, icv place: Range<Int>, sequence: UInt32
    ) -> AHVerdict {
        let length = Self.ivLength + suite.integrity.tagLength
        // The high half of an extended sequence number goes behind the packet.
        guard place.count >= length, place.count - length < 8, covered.upperBound + 4 <= buffer.count else {
            use.failures += 1
            return .badICV
        }
        var high: UInt32?
        let fits = buffer.withUnsafeMutableBytes { raw -> Bool in
            guard let base = raw.assumingMemoryBound(to: UInt8.self).baseAddress else { return false }
            let (start, behind, field) = (base + covered.lowerBound, base + covered.upperBound, base + place.lowerBound)
            tag.update(from: field, count: length)
            field.update(repeating: 0, count: length)
            defer { field.update(from: tag, count: length) }
            func opens(_ high: UInt32?) -> Bool {
                for index in 0..<4 where high != nil {
                    behind[index] = UInt8(truncatingIfNeeded: (high ?? 0) >> UInt32(24 - 8 * index))
                }
                return gmac.open(
                    iv: tag, start, count: 0, tag: tag + Self.ivLength, additional: start,
                    additionalCount: covered.count + (high == nil ? 0 : 4), into: behind)
            }
            guard suite.usesESN else { return opens(nil) }
            high = sequenceHigh.find(low: sequence) {
                opens($0)
            } evidence: {
                .silent
            } search: {
                opens($0)
            }
            return high != nil
        }
        guard fits else {
            use.failures += 1
            return .badICV
        }
        use.fitted = true
        return .verified(AHFinding(sequenceHigh: high, icvLength: UInt8(truncatingIfNeeded: suite.integrity.tagLength)))
    }
    private static let ivLength = 8
}
