import ScopeCrypto

extension Contract {
    /// Any bytes are a key file of some form, or a refusal in one printable line that names a byte of it.
    ///
    /// What is left out of a file names a line that it has; the keys that it gives are told in printable lines, and find
    /// their place in a key ring, given twice too.
    public static let keyFile = Contract(name: "FuzzKeyFile") { bytes in
        let file: KeyFile
        do throws(KeyFileError) { file = try KeyFile(bytes: bytes, path: "fuzz") } catch {
            try require((0...bytes.count).contains(error.offset ?? 0), "an error outside the file: \(error)")
            try printable([error.description])
            return
        }
        let lines = bytes.count { $0 == 0x0a } + 1
        for refusal in file.refused {
            try require((0...lines).contains(refusal.line), "left out line \(refusal.line) of \(lines)")
        }
        try require(file.refused.count <= file.refusedCount, "more lines left out than were")
        try require(file.items.count == file.count, "a key that is not told")
        try printable(file.refused.map(\.why) + file.items.map(\.what) + file.kinds.map(\.name))
        try printable(KeyRing([file]).unusedKeys() + KeyRing([file, file]).unusedKeys())
    }

    private static func printable(_ lines: [String]) throws(Violation) {
        for scalar in lines.joined().unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            try require(!isControl, "U+\(String(scalar.value, radix: 16)) in a line for a terminal")
        }
    }
}
