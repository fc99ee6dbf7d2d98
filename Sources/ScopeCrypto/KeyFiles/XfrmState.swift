import ScopeWire

/// What `ip xfrm state` and `ip xfrm monitor` print: a block for each SA, which begins with its addresses.
///
///     src 198.51.100.20 dst 192.0.2.10
///         proto esp spi 0xc0cc6579 reqid 1 mode tunnel
///         auth-trunc hmac(sha1) 0xc4c89d930047a4574ce7f2ace9f7fd93c5c2bdfb 96
///         enc cbc(aes) 0x07541581127a1b5a367864fe81552b30
struct XfrmState: KeyLineReader {
    static let format = KeyFileFormat.xfrm

    static func recognizes(_ line: Line) -> Bool {
        let words = line.words(limit: 6)
        return addresses(words) != nil
            || words.count >= 4 && words[0].equals("proto") && words[2].equals("spi") && words[3].hasPrefix("0x")
    }

    private struct Block {
        var destination: IPAddress?
        var isESP = true
        var spi: UInt32?
        var encryption = ESPEncryption.null
        var integrity = ESPIntegrity.none
        var encryptionKey = Secret(count: 0)
        var integrityKey = Secret(count: 0)
        var usesESN = false
        var holdsKeys = false
        var problem: String?
        var line: Int
    }

    private var block: Block?
    /// The same state is shown at each change.
    private var known: Set<Int> = []

    init() {}

    mutating func take(_ line: Line, into file: inout KeyFile) {
        let words = line.words(limit: 12)
        guard let first = words.first else { return }
        if let destination = Self.addresses(words) {
            finish(into: &file)
            // A deleted SA was printed when it was made.
            block = words[0].equals("Deleted") ? nil : Block(destination: destination, line: line.number)
            return
        }
        guard block != nil else { return }
        if first.equals("proto"), words.count >= 4 {
            block?.isESP = words[1].equals("esp")
            let spi = words[3]
            block?.spi = spi[0..<(spi.find(UInt8(ascii: "(")) ?? spi.count)].hexNumber(digits: 8)
                .map { UInt32(truncatingIfNeeded: $0) }
            if !words[1].equals("esp"), !words[1].equals("ah") { block = nil }
        } else if first.equals("enc") || first.equals("auth") || first.equals("auth-trunc") || first.equals("aead") {
            algorithm(first, Array(words.dropFirst()))
        } else if first.equals("flag") || first.equals("replay-window") || first.equals("extra_flag") {
            if words.contains(where: { $0.equals("esn") }) { block?.usesESN = true }
        }
    }

    mutating func finish(into file: inout KeyFile) {
        defer { block = nil }
        guard let block, let spi = block.spi else { return }
        if let problem = block.problem { return file.refuse(block.line, problem) }
        guard block.holdsKeys else { return }
        let row = KeyFile.SA(
            isAH: !block.isESP, spi: spi, destination: block.destination,
            suite: ESPSuite(encryption: block.encryption, integrity: block.integrity, usesESN: block.usesESN),
            encryptionKey: block.encryptionKey, integrityKey: block.integrityKey, line: block.line)
        var hasher = Hasher()
        hasher.combine(spi)
        hasher.combine(block.destination)
        row.encryptionKey.withBytes { hasher.combine(bytes: $0) }
        row.integrityKey.withBytes { hasher.combine(bytes: $0) }
        if known.insert(hasher.finalize()).inserted { file.add(row) }
    }

    /// `src A dst B`, behind the word that `ip xfrm monitor` may lead it with.
    private static func addresses(_ words: [Line]) -> IPAddress? {
        let words =
            words.first.map { $0.equals("Deleted") || $0.equals("Updated") || $0.equals("Expired") } ?? false
            ? Array(words.dropFirst()) : words
        guard words.count >= 4, words[0].equals("src"), words[2].equals("dst"), words[1].address != nil else {
            return nil
        }
        return words[3].address
    }

    private mutating func algorithm(_ keyword: Line, _ words: [Line]) {
        // A word that is no name may be a key.
        guard let name = words.first, !name.hasPrefix("0x") else { return }
        // With -s the length of the key follows in brackets.
        var rest = Array(words.dropFirst())
        if let open = rest.firstIndex(where: { $0[0] == UInt8(ascii: "(") }) {
            let close = rest[open...].firstIndex { $0[$0.count - 1] == UInt8(ascii: ")") } ?? rest.count - 1
            rest.removeSubrange(open...max(open, close))
        }
        guard let key = rest.first.map({ $0.hasPrefix("0x") ? $0.hexSecret : nil }) ?? Secret(count: 0) else {
            block?.problem =
                rest.contains { $0.contains("hidden") || $0.contains("<<") }
                ? "the keys are hidden: 'ip xfrm state' shows them without 'nokeys'"
                : "the key of \(name.text) is not hexadecimal"
            return
        }
        let bits = rest.count > 1 ? rest[1].decimal : nil
        if keyword.equals("enc") {
            set(KernelNames.encryption(name.text), name) { $0.encryption = $1 }
            block?.encryptionKey = key
        } else if keyword.equals("aead") {
            set(KernelNames.aead(name.text, bits: bits ?? 128), name) { $0.encryption = $1 }
            block?.encryptionKey = key
        } else if name.equals("digest_null") {
            return
        } else {
            set(KernelNames.integrity(name.text, bits: bits), name) { $0.integrity = $1 }
            block?.integrityKey = key
        }
        block?.holdsKeys = true
    }

    private mutating func set<Algorithm>(
        _ algorithm: Algorithm?, _ name: Line, _ assign: (inout Block, Algorithm) -> Void
    ) {
        guard var changed = block else { return }
        if let algorithm {
            assign(&changed, algorithm)
        } else {
            changed.problem = "\(name.text) is not supported"
        }
        block = changed
    }
}
