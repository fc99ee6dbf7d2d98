import ScopeWire

/// One IKE message, with a copy of its bytes; payload values are offsets into them.
///
/// What a device prints of a message has no bytes: then the offsets point nowhere, and whoever wants bytes finds none.
public struct ISAKMPMessage: Sendable {
    /// From the ISAKMP header on, without non-ESP marker, cut to the length that the header names; empty where they are
    /// not known.
    public var bytes: [UInt8]
    public var header: ISAKMPHeader
    /// The payloads in the clear; of an encrypted IKEv1 message none.
    public var chain: PayloadChain
    /// What follows the header of an encrypted IKEv1 message: the ciphertext; empty otherwise.
    public var ciphertext: Range<Int>
    /// Which bodies of the payloads in the clear are encrypted one by one.
    public let sealing: BodySealing
    /// The capture holds less of it than was on the wire: what is missing is nobody's fault.
    public let isCut: Bool

    /// Decodes a message; throws only when the header itself does not decode.
    ///
    /// When the header states more bytes than were captured, those that are there are kept and `chain.error` says so; when
    /// it states fewer, the rest is cut off. `sealing` comes from the phase 1 that the message belongs to: the message
    /// alone does not always tell. `isCut`: the capture cut the packet that carried it.
    public init(
        bytes: [UInt8], sealing: BodySealing = .none, isCut: Bool = false, recorder: FieldRecorder? = nil
    ) throws(DecodeError) {
        self.sealing = sealing
        var reader = ByteReader(bytes.span.bytes, limit: isCut ? .capture : .udp, recorder: recorder)
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
        self.isCut = isCut && claimed > bytes.count
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
                version: header.majorVersion, limit: self.isCut ? .capture : .message, sealing: sealing,
                recorder: recorder)
        }
        if claimed > bytes.count, chain.error == nil {
            chain.error = DecodeError(
                .truncated(needed: claimed, available: bytes.count, limit: isCut ? .capture : .udp), at: 24,
                field: "length")
        } else if claimed < ISAKMPHeader.length, chain.error == nil {
            chain.error = DecodeError(.badLength(claimed), at: 24, field: "length")
        } else if chain.error == nil, Self.lacksOffer(header, chain) {
            chain.error = DecodeError(.missing, at: ISAKMPHeader.length, field: "SA")
        }
    }

    /// A message whose bytes are not known.
    public init(header: ISAKMPHeader, payloads: [Payload]) {
        self.header = header
        bytes = []
        sealing = .none
        isCut = false
        let end = max(Int(header.length), ISAKMPHeader.length)
        let isSealed = header.majorVersion == 1 && header.flags.contains(.encryption)
        ciphertext = isSealed ? ISAKMPHeader.length..<end : end..<end
        chain = PayloadChain(payloads: payloads, end: isSealed ? ISAKMPHeader.length : end)
    }

    public var hasBytes: Bool { !bytes.isEmpty }

    /// As many bytes as there are; as the header says where they are not known, or where the capture cut them off.
    public var byteCount: Int { hasBytes && !isCut ? bytes.count : Int(header.length) }

    /// The first message of phase 1 has an SA payload, whatever the mode (RFC 2409 section 5); a piece of one may not.
    private static func lacksOffer(_ header: ISAKMPHeader, _ chain: PayloadChain) -> Bool {
        guard header.majorVersion == 1, header.responderSPI == 0, header.messageID == 0,
            header.exchange == .identityProtection || header.exchange == .aggressive
        else { return false }
        return !header.flags.contains(.encryption) && !chain.contains(.sa) && !chain.contains(.fragment)
    }

    /// Whether the payloads were encrypted on the wire: in IKEv1 with the whole body, in IKEv2 inside a payload that
    /// holds the others (RFC 7296 section 3.14).
    public var isEncrypted: Bool {
        if isCut, ciphertext.isEmpty, chain.payloads.isEmpty { return isSealedByHeader }
        return !ciphertext.isEmpty
            || header.majorVersion == 2
                && chain.payloads.contains { $0.type == .encrypted || $0.type == .encryptedFragment }
    }

    /// What its header says of that, where the capture holds nothing behind it.
    private var isSealedByHeader: Bool {
        header.majorVersion == 2
            ? header.nextPayload == .encrypted || header.nextPayload == .encryptedFragment
            : header.flags.contains(.encryption) && header.nextPayload != .fragment
    }

    /// Whether it has, or begins with, a payload of `type`: the header names the first one, where the capture holds none.
    public func mayHold(_ type: PayloadType) -> Bool {
        chain.contains(type) || isCut && chain.payloads.isEmpty && header.nextPayload == type
    }

    /// What the first payload inside the encrypted body is: in IKEv1 the header says it, in IKEv2 the payload that holds
    /// the others.
    public var firstEncryptedType: PayloadType {
        guard header.majorVersion == 2 else { return header.nextPayload }
        return chain.payloads.first { $0.type == .encrypted || $0.type == .encryptedFragment }?.next ?? .none
    }

    /// The payloads of the decrypted body of this message; offsets count in `plaintext`.
    ///
    /// `first` is `firstEncryptedType` where it is not given: where fragments were put together, the first of them tells.
    public func chain(
        ofPlaintext plaintext: [UInt8], first: PayloadType? = nil, recorder: FieldRecorder? = nil
    ) -> PayloadChain {
        PayloadChain(
            decoding: plaintext, in: 0..<plaintext.count, first: first ?? firstEncryptedType,
            version: header.majorVersion, limit: .plaintext, recorder: recorder)
    }
}
