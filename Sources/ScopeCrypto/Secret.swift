import COpenSSL

/// Key bytes: wiped when the last owner lets go, and without a description, so that they cannot be printed by accident.
package struct Secret {
    private final class Storage {
        let bytes: UnsafeMutableRawBufferPointer

        init(count: Int) { bytes = UnsafeMutableRawBufferPointer(start: SecretMemory.allocate(count), count: count) }

        deinit {
            guard let start = bytes.baseAddress else { return }
            OPENSSL_cleanse(start, bytes.count)
            SecretMemory.free(start, bytes.count)
        }
    }

    private let storage: Storage

    /// `count` zero bytes, to be filled through `withMutableBytes`.
    package init(count: Int) { storage = Storage(count: max(count, 0)) }

    /// Copies `bytes`; whoever holds the original wipes it.
    package init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count)
        withMutableBytes { _ = $0.initializeMemory(as: UInt8.self, from: bytes) }
    }

    package var count: Int { storage.bytes.count }

    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        // The bytes live as long as their owner does.
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(storage.bytes))
    }

    package func withMutableBytes<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        defer { withExtendedLifetime(storage) {} }
        return try body(storage.bytes)
    }

    /// The bytes at `range`, cut to what is there, as a secret of its own.
    package func slice(_ range: Range<Int>) -> Secret {
        let range = range.clamped(to: 0..<count)
        let part = Secret(count: range.count)
        part.withMutableBytes { target in
            withBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[range])) }
        }
        return part
    }

    /// The bytes `times` times over.
    package func repeated(_ times: Int) -> Secret {
        let whole = Secret(count: count * times)
        whole.withMutableBytes { target in
            withBytes { source in
                for index in target.indices { target[index] = source[index % max(count, 1)] }
            }
        }
        return whole
    }

    /// Whether both hold the same bytes; takes the same time wherever they differ.
    package func equals(_ other: Secret) -> Bool {
        count == other.count
            && withBytes { own in other.withBytes { CRYPTO_memcmp(own.baseAddress, $0.baseAddress, own.count) } } == 0
    }

    /// The byte at `index`; nil outside.
    package func byte(at index: Int) -> UInt8? {
        withBytes { index >= 0 && index < $0.count ? $0[index] : nil }
    }
}
