/// Text that holds keys: wiped when it is let go, also the parts that it outgrew.
public final class SecretSink {
    private var storage = Secret(count: 4096)
    private(set) var count = 0

    /// The bytes written so far, good inside `body` alone.
    public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try storage.withBytes { (bytes) throws(E) in try body(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
    }

    public var isEmpty: Bool { count == 0 }

    func text(_ text: String) { for byte in text.utf8 { append(byte) } }

    /// Two lower-case digits a byte.
    func hex(_ secret: Secret) {
        secret.withBytes { bytes in
            for byte in bytes {
                append(Self.digit(byte >> 4))
                append(Self.digit(byte & 15))
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

    private func append(_ byte: UInt8) {
        if count == storage.count {
            let larger = Secret(count: count * 2)
            larger.withMutableBytes { target in storage.withBytes { target.copyMemory(from: $0) } }
            storage = larger
        }
        storage.withMutableBytes { $0[count] = byte }
        count += 1
    }
}
