import ScopeWire

extension PayloadChain {
    /// More payloads than this are not read: no well-meant message has so many.
    public static let maximumPayloads = 256

    /// Decodes the chain of payloads in `range` of `bytes`.
    ///
    /// It never fails: what does not decode is kept, and `error` says why the chain ends there.
    public init(
        decoding bytes: [UInt8], in range: Range<Int>, first: PayloadType, version: UInt8, limit: LengthSource,
        sealing: BodySealing = .none, recorder: FieldRecorder? = nil
    ) {
        self.init(bytes: bytes, firstType: first, end: range.clamped(to: 0..<bytes.count).lowerBound)
        var reader = ByteReader(bytes.span.bytes, in: range, limit: limit, recorder: recorder)
        guard version == 1 || version == 2 else {
            error = DecodeError(.unexpected(UInt64(version)), at: min(17, bytes.count), field: "version")
            _ = reader.remainder("not decoded")
            return
        }
        var type = first
        var isGDOI = false
        var sealing = sealing
        while type != .none, error == nil {
            guard payloads.count < Self.maximumPayloads else {
                error = DecodeError(.limitExceeded(Self.maximumPayloads), at: reader.at, field: "payload chain")
                break
            }
            do throws(DecodeError) {
                let context = PayloadContext(type: type, version: version, isGDOI: isGDOI, sealing: sealing)
                let (payload, fault) = try Payload.read(&reader, bytes.span.bytes, context)
                if case .sa(let sa) = payload.content {
                    if sa.doi == DomainOfInterpretation.gdoi.rawValue { isGDOI = true }
                    // Aggressive Mode tells the method in the message that it governs.
                    if sealing == .none { sealing = BodySealing(sa) }
                }
                payloads.append(payload)
                end = payload.range.upperBound
                error = fault
                type = context.endsChain ? .none : payload.next
            } catch {
                self.error = error.enclosed(in: type.shortName)
            }
        }
        _ = reader.remainder(error == nil ? "padding" : "not decoded")
    }
}

/// What the reading of one payload depends on, beside its bytes.
struct PayloadContext {
    var type: PayloadType
    /// The major version: 1 or 2.
    var version: UInt8
    /// True behind an SA payload of the GDOI, where 15 and 16 are not NAT traversal's draft numbers.
    var isGDOI: Bool
    /// Which bodies are encrypted one by one.
    var sealing = BodySealing.none

    /// The next-payload field of SK and SKF names the first payload inside (RFC 7296 section 3.14).
    var endsChain: Bool { version == 2 && (type == .encrypted || type == .encryptedFragment) }
}

extension PayloadType {
    /// The short name, or the number of a type that has none.
    public var shortName: String { name ?? description }
}

extension Payload {
    /// The short name; of the draft numbers of NAT traversal the name of what they carry here.
    public var name: String {
        switch content {
        case .natDiscovery: "NAT-D"
        case .natOriginalAddress: "NAT-OA"
        default: type.shortName
        }
    }

    /// Reads one payload.
    ///
    /// The second value says why the chain cannot go on behind it. Throws only when the generic header is incomplete.
    static func read(
        _ reader: inout ByteReader, _ bytes: RawSpan, _ context: PayloadContext
    ) throws(DecodeError) -> (Payload, DecodeError?) {
        let start = reader.at
        reader.recorder?.open(context.type.shortName, from: start)
        var payload = Payload(
            type: context.type, range: start..<start, body: start..<start, isCritical: false, next: .none,
            content: .opaque)
        let length: Int
        do throws(DecodeError) {
            payload.next = try reader.code(bytes, "next payload")
            let flags = try reader.u8(bytes, context.version == 1 ? "reserved" : "flags")
            payload.isCritical = context.version == 2 && flags & 0x80 != 0
            if payload.isCritical { reader.recorder?.interpret(note: "critical") }
            length = Int(try reader.u16(bytes, "length"))
        } catch {
            reader.recorder?.close(at: reader.at, error: error)
            throw error
        }
        let bodyStart = reader.at
        if let fault = lengthFault(length, of: reader, limit: reader.limit) {
            // The bytes that are there are kept. Nobody can tell whether another payload follows.
            let kept = length < 4 ? bodyStart..<bodyStart : reader.remainder("not decoded")
            payload.range = start..<kept.upperBound
            payload.body = kept
            let error = fault.enclosed(in: context.type.shortName)
            payload.content = .malformed(error)
            reader.recorder?.close(at: kept.upperBound, error: fault)
            return (payload, error)
        }
        var body = try reader.sub("body", count: length - 4, limit: .payload)
        payload.body = bodyStart..<body.end
        payload.range = start..<body.end
        var problem: DecodeError?
        do throws(DecodeError) {
            payload.content = try Content(reading: &body, bytes, context, next: payload.next, problem: &problem)
            if !body.isAtEnd, problem == nil {
                problem = DecodeError(.trailingBytes(body.remaining), at: body.at, field: "end")
            }
        } catch {
            payload.content = .malformed(error.enclosed(in: context.type.shortName))
            problem = error
        }
        _ = body.remainder("not decoded")
        reader.recorder?.close(at: payload.range.upperBound, error: problem)
        payload.problem = problem?.enclosed(in: context.type.shortName)
        return (payload, nil)
    }

    private static func lengthFault(_ length: Int, of reader: ByteReader, limit: LengthSource) -> DecodeError? {
        if length < 4 { return DecodeError(.badLength(length), at: reader.at - 2, field: "length") }
        guard length - 4 > reader.remaining else { return nil }
        return DecodeError(
            .truncated(needed: length - 4, available: reader.remaining, limit: limit), at: reader.at - 2,
            field: "length")
    }
}

extension Payload.Content {
    /// Reads a body.
    ///
    /// What decodes only in part is kept, with the fault in `problem`. `next` is the next-payload field of its header.
    init(
        reading reader: inout ByteReader, _ bytes: RawSpan, _ context: PayloadContext, next: PayloadType,
        problem: inout DecodeError?
    ) throws(DecodeError) {
        if context.version == 2 {
            try self.init(readingIKEv2: &reader, bytes, context, next: next, problem: &problem)
            return
        }
        if let seal = context.sealing.seal(of: context.type) {
            _ = reader.remainder(seal == .publicKey ? "encrypted with a public key" : "encrypted with the nonce's key")
            self = .sealed(seal)
            return
        }
        try self.init(readingIKEv1: &reader, bytes, context, problem: &problem)
    }

    static func vendor(_ reader: inout ByteReader, _ bytes: RawSpan) -> Self {
        let range = reader.remainder("vendor ID")
        let vendor = VendorID(matching: bytes.copy(range))
        if let vendor, !range.isEmpty { reader.recorder?.interpret(note: vendor.name) }
        return .vendorID(vendor)
    }
}
