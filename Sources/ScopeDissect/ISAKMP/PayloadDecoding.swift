import ScopeWire

extension PayloadChain {
    /// Decodes the chain of payloads in `range` of `bytes`; total: what does not decode is kept and said.
    public init(
        decoding bytes: [UInt8], in range: Range<Int>, first: PayloadType, version: UInt8, limit: LengthSource,
        recorder: FieldRecorder? = nil
    ) {
        self.init(bytes: bytes, end: range.lowerBound)
        var reader = ByteReader(bytes.span.bytes, in: range, limit: limit, recorder: recorder)
        var type = first
        while type != .none, payloads.count < 256 {
            let start = reader.at
            do throws(DecodeError) {
                let next: PayloadType = try reader.code(bytes.span.bytes, "next payload")
                let flags = try reader.u8(bytes.span.bytes, "reserved")
                let length = Int(try reader.u16(bytes.span.bytes, "length"))
                let body = try reader.bytes("body", count: length - 4)
                payloads.append(
                    Payload(
                        type: type, range: start..<body.upperBound, body: body, isCritical: flags & 0x80 != 0,
                        next: next, content: .opaque))
                end = body.upperBound
                type = next
            } catch {
                self.error = error
                return
            }
        }
    }
}
