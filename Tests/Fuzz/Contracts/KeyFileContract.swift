import ScopeCrypto

extension Contract {
    /// Any bytes are a key file, or a refusal in one printable line that names a byte of it.
    public static let keyFile = Contract(name: "FuzzKeyFile") { bytes in
        let file: KeyFile
        do throws(KeyFileError) { file = try KeyFile(bytes: bytes, path: "fuzz") } catch {
            try require((0...bytes.count).contains(error.offset ?? 0), "an error outside the file: \(error)")
            try printable([error.description])
            return
        }
        try printable(KeyRing([file]).unusedKeys() + KeyRing([file, file]).unusedKeys())
    }

    private static func printable(_ lines: [String]) throws(Violation) {
        for scalar in lines.joined().unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            try require(!isControl, "U+\(String(scalar.value, radix: 16)) in a line for a terminal")
        }
    }
}
