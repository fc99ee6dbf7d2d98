import ScopeDissect

/// The parts of an SK or SKF payload (RFC 7296 section 3.14, RFC 7383 section 2.5).
///
///     IKE header … payload header [fragment number | total] | IV | ciphertext | ICV
struct SealedPayload {
    let header: ISAKMPHeader
    /// The whole message; what stands before the IV is authenticated with it.
    let bytes: [UInt8]
    /// IV, ciphertext and ICV.
    let sealed: Range<Int>
    /// Of the first payload inside; none in a fragment behind the first one.
    let first: PayloadType
    /// Which piece of a message it is; nil of a whole one.
    let fragment: Fragment?

    enum Fragment { case first, later }

    /// Nil for a message without such a payload, or with one that is too short for its own header.
    init?(_ message: ISAKMPMessage) {
        guard let payload = message.chain.payloads.last else { return nil }
        switch payload.type {
        case .encrypted: (sealed, fragment) = (payload.body, nil)
        case .encryptedFragment:
            guard payload.body.count >= 4 else { return nil }
            sealed = payload.body.dropFirst(4)
            fragment = payload.next == .none ? .later : .first
        default: return nil
        }
        guard sealed.upperBound <= message.bytes.count else { return nil }
        header = message.header
        bytes = message.bytes
        first = payload.next
    }
}

/// Opens what one side sends under its keys.
final class SealedPayloadOpener {
    private enum Way {
        case aead(AEADDecryptor)
        case cbc(CBCDecryptor, ICV)
        case stream(StreamDecryptor, ICV)
        case null(ICV)
    }

    private let suite: ESPSuite
    private let way: Way

    init(_ suite: ESPSuite, _ keys: SKKeys.Directional) throws(CryptoError) {
        self.suite = suite
        let bits = (keys.encryption.count - suite.encryption.saltLength) * 8
        switch suite.encryption {
        case .aesGCM, .aesCCM, .chaCha20Poly1305, .aesGMAC:
            let name =
                switch suite.encryption {
                case .aesCCM: "AES-\(bits)-CCM"
                case .chaCha20Poly1305: "ChaCha20-Poly1305"
                default: "AES-\(bits)-GCM"
                }
            way = .aead(
                try AEADDecryptor(
                    name, keyMaterial: keys.encryption, saltLength: suite.encryption.saltLength,
                    tagLength: suite.encryption.tagLength ?? 16))
        case .cbc(let cipher):
            way = .cbc(try CBCDecryptor(cipher, key: keys.encryption), try ICV(suite.integrity, key: keys.integrity))
        case .aesCTR, .camelliaCTR:
            let name = suite.encryption == .aesCTR ? "AES" : "CAMELLIA"
            way = .stream(
                try StreamDecryptor(name, keyMaterial: keys.encryption), try ICV(suite.integrity, key: keys.integrity))
        case .null: way = .null(try ICV(suite.integrity, key: keys.integrity))
        }
    }

    /// The payloads inside, without padding; nil where the ICV is wrong, or there is none to tell.
    func open(_ payload: SealedPayload) -> [UInt8]? {
        let tag = suite.encryption.tagLength ?? suite.integrity.tagLength
        let iv = suite.encryption.ivLength
        let count = payload.sealed.count - iv - tag
        // Without an ICV nothing would tell plaintext from garbage.
        guard tag > 0, count >= 1 else { return nil }
        let body = payload.sealed.lowerBound + iv
        var plain = [UInt8](repeating: 0, count: count + 32)
        let good = payload.bytes.withUnsafeBufferPointer { bytes in
            plain.withUnsafeMutableBufferPointer { plain in
                guard let start = bytes.baseAddress, let output = plain.baseAddress else { return false }
                return open(start, header: payload.sealed.lowerBound, body: body, count, into: output)
            }
        }
        guard good else { return nil }
        // Payloads | padding | pad length: any padding will do (RFC 7296 section 3.14).
        let padding = Int(plain[count - 1]) + 1
        guard padding <= count else { return nil }
        return Array(plain.prefix(count - padding))
    }

    private func open(
        _ start: UnsafePointer<UInt8>, header: Int, body: Int, _ count: Int, into output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let tag = start + body + count
        /// The ICV of an algorithm of its own covers all that stands before it.
        func fits(_ icv: ICV) -> Bool {
            icv.fits(tag, suite.integrity.tagLength, over: start, body + count, high: nil)
        }
        switch way {
        case .aead(let aead):
            return aead.open(
                iv: start + header, start + body, count: count, tag: tag, additional: start, additionalCount: header,
                into: output)
        case .cbc(let cipher, let icv):
            guard fits(icv), count % cipher.blockLength == 0 else { return false }
            return cipher.decrypt(iv: start + header, start + body, count: count, into: output)
        case .stream(let cipher, let icv):
            return fits(icv) && cipher.decrypt(iv: start + header, start + body, count: count, into: output)
        case .null(let icv):
            guard fits(icv) else { return false }
            output.update(from: start + body, count: count)
            return true
        }
    }
}
