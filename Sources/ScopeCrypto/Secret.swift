import COpenSSL

/// Key bytes: wiped when the last owner lets go, and without a description, so that they cannot be printed by accident.
package struct Secret {
    /// The bytes lie behind their number, in one piece of memory: there may be a dozen for each SA of a long capture.
    private final class Storage: ManagedBuffer<Int, UInt8> {
        deinit { withUnsafeMutablePointers { count, bytes in OPENSSL_cleanse(bytes, count.pointee) } }
    }

    private let storage: ManagedBuffer<Int, UInt8>

    /// `count` zero bytes, to be filled through `withMutableBytes`.
    package init(count: Int) {
        storage = Storage.create(minimumCapacity: max(count, 1)) { _ in max(count, 0) }
        storage.withUnsafeMutablePointers { count, bytes in bytes.initialize(repeating: 0, count: count.pointee) }
    }

    /// Copies `bytes`; whoever holds the original wipes it.
    package init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count)
        withMutableBytes { _ = $0.initializeMemory(as: UInt8.self, from: bytes) }
    }

    package var count: Int { storage.header }

    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try storage.withUnsafeMutablePointers { (count, bytes) throws(E) in
            try body(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
        }
    }

    package func withMutableBytes<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try storage.withUnsafeMutablePointers { (count, bytes) throws(E) in
            try body(UnsafeMutableRawBufferPointer(start: bytes, count: count.pointee))
        }
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
