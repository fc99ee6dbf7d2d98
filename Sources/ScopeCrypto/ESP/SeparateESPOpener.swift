import COpenSSL
import ScopeModel
import ScopeWire

/// Opens ESP with a cipher that needs an integrity algorithm beside it: NULL, CBC, CTR (RFC 4303 section 3.4.4.1).
final class SeparateESPOpener: ESPOpener {
    let keyName: String
    private let suite: ESPSuite
    private let icv: ICV
    private let vouches: Bool
    private let icvLength: Int
    private let ivLength: Int
    private let blockLength: Int
    private let cbc: CBCDecryptor?
    private let ctr: StreamDecryptor?
    private let use: KeyUse
    private var sequenceHigh = SequenceHigh()

    init(
        _ suite: ESPSuite, encryptionKey: Secret, integrityKey: Secret, name: String, use: KeyUse
    ) throws(CryptoError) {
        keyName = name
        self.suite = suite
        self.use = use
        icv = try ICV(suite.integrity, key: integrityKey)
        icvLength = suite.integrity.tagLength
        ivLength = suite.encryption.ivLength
        switch suite.integrity {
        case .none, .unknown: vouches = false
        case .hmac, .aesXCBC, .aesCMAC: vouches = true
        }
        switch suite.encryption {
        case .cbc(let cipher):
            cbc = try CBCDecryptor(cipher, key: encryptionKey)
            ctr = nil
            blockLength = cipher.blockLength
        case .aesCTR:
            cbc = nil
            ctr = try StreamDecryptor(aesCTR: encryptionKey)
            blockLength = 1
        case .null, .aesGCM, .aesCCM, .chaCha20Poly1305, .aesGMAC:
            cbc = nil
            ctr = nil
            blockLength = 1
        }
    }

    func open(_ bytes: RawSpan, esp: Range<Int>, into plaintext: PlaintextBuffer) -> ESPVerdict {
        guard esp.lowerBound >= 0, esp.upperBound <= bytes.byteCount else { return .cut }
        return bytes.withUnsafeBytes { whole in
            plaintext.bytes.withUnsafeMutableBufferPointer { target in
                guard let start = whole.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    let output = target.baseAddress
                else { return .malformed(.tooShort) }
                let room = target.count - PlaintextBuffer.headroom
                return open(start + esp.lowerBound, esp.count, output + PlaintextBuffer.headroom, capacity: room)
            }
        }
    }

    @inline(__always)
    private func open(
        _ packet: UnsafePointer<UInt8>, _ length: Int, _ output: UnsafeMutablePointer<UInt8>, capacity: Int
    ) -> ESPVerdict {
        let covered = length - icvLength
        // SPI, sequence number, IV, pad length and next header.
        guard covered >= 8 + ivLength + 2 else { return .malformed(.tooShort) }
        let sealed = covered - 8 - ivLength
        guard sealed <= capacity else { return .malformed(.padLength) }
        if vouches {
            let good: Bool
            if suite.usesESN {
                good = sequenceHigh.find(low: ESPHeader.sequence(packet)) { high in
                    icv.fits(packet + covered, icvLength, over: packet, covered, high: high)
                }
            } else {
                good = icv.fits(packet + covered, icvLength, over: packet, covered, high: nil)
            }
            guard good else {
                use.failures += 1
                return .badICV
            }
            use.fitted = true
        }
        guard sealed % blockLength == 0 else { return .malformed(.notBlockAligned) }
        let ciphertext = packet + 8 + ivLength
        if let cbc {
            guard cbc.decrypt(iv: packet + 8, ciphertext, count: sealed, into: output) else {
                return .malformed(.notBlockAligned)
            }
        } else if let ctr {
            guard ctr.decrypt(iv: packet + 8, ciphertext, count: sealed, into: output) else {
                return .malformed(.notBlockAligned)
            }
        } else {
            output.update(from: ciphertext, count: sealed)
        }
        guard !vouches else { return ESPTrailer.verified(output, length: sealed) }
        let verdict = ESPTrailer.unverified(output, length: sealed)
        if case .unverified = verdict { use.fitted = true } else { use.failures += 1 }
        return verdict
    }
}

/// The two fields before every ESP payload.
enum ESPHeader {
    @inline(__always)
    static func sequence(_ packet: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(packet[4]) << 24 | UInt32(packet[5]) << 16 | UInt32(packet[6]) << 8 | UInt32(packet[7])
    }
}
