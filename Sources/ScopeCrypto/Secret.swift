import COpenSSL

/// Key bytes: wiped when the last owner lets go, and without a description, so that they cannot be printed by accident.
package final class Secret {
    private let storage: UnsafeMutableRawBufferPointer

    /// `count` zero bytes, to be filled through `withMutableBytes`.
    package init(count: Int) {
        storage = .allocate(byteCount: max(count, 1), alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        self.count = count
    }

    /// Copies `bytes`; whoever holds the original wipes it.
    package convenience init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count)
        withMutableBytes { _ = $0.initializeMemory(as: UInt8.self, from: bytes) }
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    package let count: Int

    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }

    package func withMutableBytes<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeMutableRawBufferPointer(rebasing: storage[..<count]))
    }

    /// The bytes at `range`, cut to what is there, as a secret of its own.
    package func slice(_ range: Range<Int>) -> Secret {
        let range = range.clamped(to: 0..<count)
        let part = Secret(count: range.count)
        part.withMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[range])) }
        return part
    }

    /// The bytes `times` times over.
    package func repeated(_ times: Int) -> Secret {
        let whole = Secret(count: count * times)
        whole.withMutableBytes { target in
            for index in target.indices { target[index] = storage[index % max(count, 1)] }
        }
        return whole
    }

    /// Whether both hold the same bytes; takes the same time wherever they differ.
    package func equals(_ other: Secret) -> Bool {
        count == other.count && CRYPTO_memcmp(storage.baseAddress, other.storage.baseAddress, count) == 0
    }

    /// The byte at `index`; nil outside.
    package func byte(at index: Int) -> UInt8? { index >= 0 && index < count ? storage[index] : nil }
}
