/// `ipsec.secrets` of strongSwan and libreswan: selectors, a colon, the kind of secret, the secret.
///
///     198.51.100.20 192.0.2.10 : PSK "Two-Vendors-1"
///     @branch.example.com : PSK 0sc2VjcmV0
///
/// A line that begins with blanks continues the one before it.
struct IPsecSecrets: KeyLineReader {
    static let format = KeyFileFormat.secrets

    static func recognizes(_ line: Line) -> Bool {
        let text = line.trimmed
        guard text[0] != UInt8(ascii: "#") else { return false }
        return kind(text) != nil
    }

    private var selectors: [KeyFile.PSK.Peer] = []
    /// A line of selectors alone, whose secret comes on the next.
    private var isPending = false
    /// `PSK` stood at the end of its line, and the secret comes on the next.
    private var awaitsSecret = false

    private static let kinds: Set<String> = [
        "PSK", "RSA", "ECDSA", "PKCS8", "P12", "XAUTH", "EAP", "NTLM", "PIN", "BLISS", "PPK", "PPKS", "NULL",
    ]
    private static let mostSelectors = 64

    init() {}

    mutating func take(_ line: Line, into file: inout KeyFile) {
        let text = Self.withoutComment(line.trimmed)
        guard !text.isEmpty else { return }
        let continues = line[0].map(Line.isBlank) ?? false
        if awaitsSecret, continues { return psk(text, line.number, into: &file) }
        if awaitsSecret { file.refuse(line.number - 1, "holds no key") }
        awaitsSecret = false
        if !continues || !isPending { selectors = [] }
        guard let (colon, kind, secret) = Self.kind(text) else {
            guard !text.hasPrefix("include ") else {
                return file.refuse(line.number, "includes other files: give them too")
            }
            selectors += text.words(limit: Self.mostSelectors).map { PeerName.peer($0) }
            isPending = selectors.count <= Self.mostSelectors
            return
        }
        isPending = false
        selectors += text[0..<colon].words(limit: Self.mostSelectors).map { PeerName.peer($0) }
        guard kind == "PSK" else { return }
        if secret.isEmpty { awaitsSecret = true } else { psk(secret, line.number, into: &file) }
    }

    private mutating func psk(_ secret: Line, _ line: Int, into file: inout KeyFile) {
        awaitsSecret = false
        let isQuoted = secret[0] == UInt8(ascii: "\"") || secret[0] == UInt8(ascii: "'")
        guard let body = isQuoted ? Self.quoted(secret) : secret.words(limit: 1).first else {
            return file.refuse(line, "the quotes around the key do not end")
        }
        guard let key = SecretText.key(body, readsPrefix: !isQuoted) else {
            return file.refuse(line, "the key is neither hexadecimal behind 0x nor Base64 behind 0s")
        }
        guard key.count > 0 else { return file.refuse(line, "holds no key") }
        // A secret without selectors is for every peer.
        let named = selectors.filter { $0 != .any }
        file.psk.append(
            KeyFile.PSK(peer: named.first ?? .any, others: Array(named.dropFirst()), key: key, line: line))
        selectors = []
    }

    /// Where the selectors end, the kind of secret, and what stands behind it.
    private static func kind(_ text: Line) -> (colon: Int, kind: String, secret: Line)? {
        var at = 0
        while let colon = text.find(UInt8(ascii: ":"), from: at) {
            at = colon + 1
            // Colons stand in IPv6 addresses too.
            guard colon == 0 || Line.isBlank(text[colon - 1] ?? 0x20) || text[colon + 1].map(Line.isBlank) ?? false
            else { continue }
            let rest = text.dropFirst(colon + 1).trimmed
            guard let word = rest.words(limit: 1).first else { continue }
            // Only blanks, or the quote of the secret, end the word.
            let end = word.find(UInt8(ascii: "\"")) ?? word.count
            let kind = word[0..<end].text.uppercased()
            guard kinds.contains(kind) else { continue }
            return (colon, kind, rest.dropFirst(end).trimmed)
        }
        return nil
    }

    private static func quoted(_ text: Line) -> Line? {
        guard let quote = text[0], let end = text.find(quote, from: 1) else { return nil }
        return text[1..<end]
    }

    /// A `#` between words begins a comment; one in quotes or in a word (`@#6b6579`) does not.
    private static func withoutComment(_ text: Line) -> Line {
        var quote: UInt8?
        for index in 0..<text.count {
            guard let byte = text[index] else { break }
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "#"), index == 0 || Line.isBlank(text[index - 1] ?? 0x20) {
                return text[0..<index].trimmed
            }
        }
        return text
    }
}
