/// The byte order of the machine that wrote a file or section.
public enum ByteOrder: Hashable, Sendable {
    case little, big

    // The callers have checked that `bytes` holds the field.

    @inline(__always) func u16(_ bytes: RawSpan, _ at: Int) -> UInt16 {
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self)
        return self == .little ? UInt16(littleEndian: value) : UInt16(bigEndian: value)
    }

    @inline(__always) func u32(_ bytes: RawSpan, _ at: Int) -> UInt32 {
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)
        return self == .little ? UInt32(littleEndian: value) : UInt32(bigEndian: value)
    }

    @inline(__always) func u64(_ bytes: RawSpan, _ at: Int) -> UInt64 {
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
        return self == .little ? UInt64(littleEndian: value) : UInt64(bigEndian: value)
    }
}
