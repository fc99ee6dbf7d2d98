import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire

extension Contract {
    /// Any bytes are an ESP packet under any suite: a verdict, whose payload lies in the plaintext buffer and dissects.
    ///
    ///     | row of `ESPKeys.suites` | packet |
    public static let esp = Contract(name: "FuzzESP") { bytes in
        var input = Input(bytes)
        let keys = try ESPKeys()
        let spi = 0x100 + UInt32(input.byte()) % UInt32(ESPKeys.suites.count)
        let packet = input.remainder()
        let anywhere = IPAddress(v4: 1)
        guard let opener = keys.ring.espOpeners(spi: spi, source: anywhere, destination: anywhere).first else {
            throw Violation(description: "no opener for row \(spi - 0x100)")
        }
        let buffer = PlaintextBuffer()
        // Twice: what an opener remembers of one packet must not spoil the next.
        for _ in 0..<2 {
            switch opener.open(packet.span.bytes, esp: 0..<packet.count, into: buffer).verdict {
            case .verified(let payload, let next), .unverified(let payload, let next):
                try require(payload.lowerBound == PlaintextBuffer.headroom, "the plaintext does not begin at its place")
                try require(payload.count <= packet.count, "more plaintext than ciphertext")
                guard next == 4 || next == 41 else { continue }
                let plaintext = buffer.withUnsafeBytes { Array($0) }
                _ = try? FrameDissector.datagram(
                    ofIP: plaintext.span.bytes, in: payload, limit: .plaintext, recorder: nil)
            case .badICV, .malformed, .cut, .noKey: continue
            }
        }
    }
}

/// One key for each suite; the corpus was made with the same: the bytes 0, 1, 2 and so on.
private struct ESPKeys {
    /// Cipher, bytes of its key material, integrity, bytes of its key, extended sequence numbers.
    ///
    /// Where the key of the ICV is not known, it does not stop what a fuzzer makes.
    static let suites: [(String, Int, String, Int, Bool)] = [
        ("aes-cbc", 16, "hmac-sha1-96", 20, false), ("aes-cbc", 32, "hmac-sha2-256-128", 32, true),
        ("aes-cbc", 16, "any-96", 0, false), ("aes-cbc", 16, "none", 0, false), ("3des-cbc", 24, "any-96", 0, false),
        ("des-cbc", 8, "none", 0, false), ("aes-ctr", 20, "any-128", 0, false), ("aes-ctr", 36, "none", 0, false),
        ("null", 0, "none", 0, false), ("null", 0, "any-96", 0, false), ("null", 0, "any-256", 0, false),
        ("null", 0, "hmac-md5-96", 16, true), ("null", 0, "aes-xcbc-96", 16, false),
        ("null", 0, "aes-cmac-96", 16, true), ("null", 0, "hmac-sha2-512-256", 64, false),
        ("aes-gcm-16", 20, "none", 0, false), ("aes-gcm-8", 36, "none", 0, true), ("aes-ccm-8", 19, "none", 0, false),
        ("aes-ccm-16", 35, "none", 0, true), ("chacha20-poly1305", 36, "none", 0, false),
        ("null-auth-aes-gmac", 20, "none", 0, true), ("camellia-cbc", 16, "any-96", 0, false),
        ("blowfish-cbc", 16, "none", 0, false), ("cast-cbc", 16, "none", 0, false),
        ("null", 0, "hmac-sha1-96", 20, false),
    ]

    let ring: KeyRing

    init() throws { ring = KeyRing([try Self.file.get()]) }

    private static let text: String = {
        let rows = suites.enumerated().map { index, suite in
            """
            {"spi": "000001\(hex([UInt8(index)]))", "encryption": "\(suite.0)", \
            "encryption_key": "\(hex(0..<UInt8(suite.1)))", "integrity": "\(suite.2)", \
            "integrity_key": "\(hex(0..<UInt8(suite.3)))", "esn": \(suite.4)}
            """
        }
        return "{\"schema\": \"ikescope.keys/1\", \"sa\": [\(rows.joined(separator: ","))]}"
    }()

    /// Decoded once; its secrets are only read.
    private static nonisolated(unsafe) let file = Result {
        var file = try KeyFile(bytes: Array(text.utf8), path: "fuzz")
        file.searchNearby()
        return file
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String(Int($0) + 256, radix: 16).suffix(2) }.joined()
    }
}
