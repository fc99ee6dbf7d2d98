import ScopeWire

/// A header that the dissector walks over: read field by field, shown as one node of the field tree.
protocol WireHeader {
    static var title: String { get }
    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError)
}

extension ByteReader {
    /// Reads one header and moves behind it.
    @inline(__always)
    mutating func header<Header: WireHeader>(
        _ bytes: RawSpan, as type: Header.Type = Header.self
    ) throws(DecodeError) -> Header {
        recorder?.open(Header.title, from: at)
        do throws(DecodeError) {
            let header = try Header(reading: &self, bytes)
            recorder?.close(at: at)
            return header
        } catch {
            recorder?.close(at: at, error: error)
            throw error.enclosed(in: Header.title)
        }
    }

    /// A big-endian number ahead of the position, which does not move; nil beyond the bound.
    func peek16(_ bytes: RawSpan, ahead offset: Int = 0) -> UInt16? {
        guard let high = peek(bytes, ahead: offset), let low = peek(bytes, ahead: offset + 1) else { return nil }
        return UInt16(high) << 8 | UInt16(low)
    }
}
