/// `swanctl.conf`: the sections `ike…` below `secrets`, each with a secret and the identities that it is for.
///
///     secrets {
///       ike-1 {
///         id-1 = 198.51.100.20
///         secret = "cisco123"
///       }
///     }
struct SwanctlConfiguration: KeyLineReader {
    static let format = KeyFileFormat.swanctl

    static func recognizes(_ line: Line) -> Bool {
        let words = line.trimmed.words(limit: 3)
        guard words.count >= 1, let name = words.first else { return false }
        let opens = words.count > 1 ? words[1][0] == UInt8(ascii: "{") : name[name.count - 1] == UInt8(ascii: "{")
        guard opens else { return false }
        return ["secrets", "connections", "secrets{", "connections{"].contains { name.text == $0 }
    }

    private var sections: [String] = []
    private var key: Secret?
    private var keyLine = 0
    private var peers: [KeyFile.PSK.Peer] = []
    private static let deepest = 32
    private static let mostPeers = 64

    init() {}

    mutating func take(_ line: Line, into file: inout KeyFile) {
        var rest = line.trimmed
        while !rest.isEmpty, rest[0] != UInt8(ascii: "#") {
            if rest[0] == UInt8(ascii: "}") {
                close(into: &file)
                rest = rest.dropFirst(1).trimmed
                continue
            }
            let end = rest.bytes.firstIndex { [0x7b, 0x7d, 0x3d, 0x23].contains($0) } ?? rest.count
            let name = rest[0..<end].trimmed
            switch rest[end] {
            case UInt8(ascii: "{"):
                open(name.words(limit: 1).first?.text ?? "")
                rest = rest.dropFirst(end + 1).trimmed
            case UInt8(ascii: "="):
                let (value, behind) = Self.value(rest.dropFirst(end + 1).trimmed)
                assign(name, value, into: &file)
                rest = behind.trimmed
            default:
                if name.hasPrefix("include ") { file.refuse(line.number, "includes other files: give them too") }
                rest = rest.dropFirst(end)
                if rest[0] == UInt8(ascii: "#") { return }
            }
        }
    }

    mutating func finish(into file: inout KeyFile) { while !sections.isEmpty { close(into: &file) } }

    private mutating func open(_ name: String) {
        if sections.count < Self.deepest { sections.append(name) }
        guard isSecret else { return }
        key = nil
        peers = []
    }

    private mutating func close(into file: inout KeyFile) {
        if isSecret, sections.count == 2, let key {
            let named = peers.filter { $0 != .any }
            file.psk.append(
                KeyFile.PSK(peer: named.first ?? .any, others: Array(named.dropFirst()), key: key, line: keyLine))
            self.key = nil
        }
        if !sections.isEmpty { sections.removeLast() }
    }

    /// In a section of pre-shared keys.
    private var isSecret: Bool { sections.count >= 2 && sections[0] == "secrets" && sections[1].hasPrefix("ike") }

    private mutating func assign(_ name: Line, _ value: (text: Line, isWhole: Bool), into file: inout KeyFile) {
        guard isSecret, sections.count == 2 else { return }
        if name.equals("secret") {
            guard value.isWhole else {
                return file.refuse(name.number, "the quotes around the key do not end in its line")
            }
            guard let secret = SecretText.key(value.text, readsPrefix: true, readsEscapes: true) else {
                return file.refuse(name.number, "the key is neither hexadecimal behind 0x nor Base64 behind 0s")
            }
            guard secret.count > 0 else { return file.refuse(name.number, "holds no key") }
            key = secret
            keyLine = name.number
        } else if name.hasPrefix("id"), peers.count < Self.mostPeers {
            peers.append(PeerName.peer(value.text))
        }
    }

    /// A value in quotes, or up to the end of the line, a brace or a comment; and what stands behind it.
    private static func value(_ text: Line) -> (value: (text: Line, isWhole: Bool), rest: Line) {
        if text[0] == UInt8(ascii: "\"") {
            var end = 1
            while let byte = text[end], byte != UInt8(ascii: "\"") { end += byte == UInt8(ascii: "\\") ? 2 : 1 }
            guard end < text.count else { return ((text, false), text[text.count..<text.count]) }
            return ((text[1..<end], true), text.dropFirst(end + 1))
        }
        let end = text.bytes.firstIndex { $0 == UInt8(ascii: "}") || $0 == UInt8(ascii: "#") } ?? text.count
        return ((text[0..<end].trimmed, true), text.dropFirst(end))
    }
}
