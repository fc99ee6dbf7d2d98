import ScopeWire

/// One IKE message, with a copy of its bytes; payload values are offsets into them.
public struct ISAKMPMessage: Sendable {
    /// From the ISAKMP header on, without non-ESP marker, cut to the length that the header names.
    public var bytes: [UInt8]
    public var header: ISAKMPHeader
    /// The payloads in the clear; of an encrypted IKEv1 message none.
    public var chain: PayloadChain
    /// What follows the header of an encrypted IKEv1 message: the ciphertext; empty otherwise.
    public var ciphertext: Range<Int>
    /// Which bodies of the payloads in the clear are encrypted one by one.
    public let sealing: BodySealing

    /// Decodes a message; throws only when the header itself does not decode.
    ///
    /// A header length above what was captured keeps what is there and says so in `chain.error`; one below cuts
    /// what follows.  `sealing` is that of the phase 1 it belongs to: the message alone does not always tell.
    public init(
        bytes: [UInt8], sealing: BodySealing = .none, recorder: FieldRecorder? = nil
    ) throws(DecodeError) {
        self.sealing = sealing
        var reader = ByteReader(bytes.span.bytes, limit: .udp, recorder: recorder)
        recorder?.open("ISAKMP header", from: 0)
        let header: ISAKMPHeader
        do throws(DecodeError) {
            header = try ISAKMPHeader(reading: &reader, bytes.span.bytes)
        } catch {
            recorder?.close(at: reader.at, error: error)
            throw error
        }
        recorder?.close(at: reader.at)
        let claimed = Int(header.length)
        let end = min(bytes.count, max(claimed, ISAKMPHeader.length))
        self.header = header
        self.bytes = end == bytes.count ? bytes : Array(bytes[..<end])
        // A vendor's fragment is never encrypted itself: the flag is that of the message it is a piece of.
        if header.majorVersion == 1, header.flags.contains(.encryption), header.nextPayload != .fragment {
            ciphertext = ISAKMPHeader.length..<end
            chain = PayloadChain(bytes: self.bytes, end: ISAKMPHeader.length)
            if !ciphertext.isEmpty { recorder?.note("encrypted", ciphertext, .bytes) }
        } else {
            ciphertext = end..<end
            chain = PayloadChain(
                decoding: self.bytes, in: ISAKMPHeader.length..<end, first: header.nextPayload,
                version: header.majorVersion, limit: .message, sealing: sealing, recorder: recorder)
        }
        if claimed > bytes.count, chain.error == nil {
            chain.error = DecodeError(
                .truncated(needed: claimed, available: bytes.count, limit: .udp), at: 24, field: "length")
        } else if claimed < ISAKMPHeader.length, chain.error == nil {
            chain.error = DecodeError(.badLength(claimed), at: 24, field: "length")
        } else if chain.error == nil, Self.lacksOffer(header, chain) {
            chain.error = DecodeError(.missing, at: ISAKMPHeader.length, field: "SA")
        }
    }

    /// The first message of phase 1 has an SA payload, whatever the mode (RFC 2409 section 5); a piece of one may not.
    private static func lacksOffer(_ header: ISAKMPHeader, _ chain: PayloadChain) -> Bool {
        guard header.majorVersion == 1, header.responderSPI == 0, header.messageID == 0,
            header.exchange == .identityProtection || header.exchange == .aggressive
        else { return false }
        return !header.flags.contains(.encryption) && !chain.contains(.sa) && !chain.contains(.fragment)
    }

    /// The payloads of the decrypted body of this message; offsets count in `plaintext`.
    public func chain(ofPlaintext plaintext: [UInt8], recorder: FieldRecorder? = nil) -> PayloadChain {
        PayloadChain(
            decoding: plaintext, in: 0..<plaintext.count, first: header.nextPayload, version: header.majorVersion,
            limit: .plaintext, recorder: recorder)
    }
}

/// A chain of payloads and the bytes that its offsets count in.
public struct PayloadChain: Sendable {
    public var bytes: [UInt8]
    public var payloads: [Payload]
    /// Offset behind the last payload; what follows is padding.
    public var end: Int
    /// Why the chain stopped before its end; the payloads before it are kept.
    public var error: DecodeError?

    public init(bytes: [UInt8] = [], payloads: [Payload] = [], end: Int = 0, error: DecodeError? = nil) {
        self.bytes = bytes
        self.payloads = payloads
        self.end = end
        self.error = error
    }

    /// The first payload of `type`, if the chain has one.
    public func first(_ type: PayloadType) -> Payload? { payloads.first { $0.type == type } }

    public func contains(_ type: PayloadType) -> Bool { payloads.contains { $0.type == type } }

    /// All payloads of `type`, in wire order.
    public func all(_ type: PayloadType) -> [Payload] { payloads.filter { $0.type == type } }

    /// The body (without the 4-byte generic header) of the first payload of `type`; nil where it is encrypted by itself.
    public func body(of type: PayloadType) -> [UInt8]? {
        guard let payload = first(type) else { return nil }
        if case .sealed = payload.content { return nil }
        return Array(bytes[payload.body])
    }

    /// The bytes at `range`; empty where the range does not lie in this chain.
    public func slice(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[range.clamped(to: 0..<bytes.count)] }
}
