/// One piece of what a hash or a MAC runs over: the RFCs' `|` without building the concatenation.
package enum HashInput {
    case bytes([UInt8])
    case secret(Secret)
    case byte(UInt8)
    case u32(UInt32)
    case u64(UInt64)

    func feed(_ sink: (UnsafeRawBufferPointer) throws(CryptoError) -> Void) throws(CryptoError) {
        switch self {
        case .bytes(let bytes): try Self.lend(bytes, to: sink)
        case .secret(let secret): try secret.withBytes(sink)
        case .byte(let value): try Self.lend(value, to: sink)
        case .u32(let value): try Self.lend(value.bigEndian, to: sink)
        case .u64(let value): try Self.lend(value.bigEndian, to: sink)
        }
    }

    /// The pieces as one.
    static func joined(_ parts: [HashInput]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts { try? part.feed { bytes += $0 } }
        return bytes
    }

    private static func lend<T: BitwiseCopyable>(
        _ value: T, to sink: (UnsafeRawBufferPointer) throws(CryptoError) -> Void
    ) throws(CryptoError) {
        let result = withUnsafeBytes(of: value) { bytes in
            Result { () throws(CryptoError) in try sink(bytes) }
        }
        try result.get()
    }

    private static func lend(
        _ bytes: [UInt8], to sink: (UnsafeRawBufferPointer) throws(CryptoError) -> Void
    ) throws(CryptoError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(CryptoError) in try sink(bytes) }
        }
        try result.get()
    }
}
