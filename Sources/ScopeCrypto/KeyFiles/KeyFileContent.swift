/// What a file looks like that is none of the forms, so that the refusal can say it.
enum KeyFileContent {
    /// True for what begins as a JSON value with members.
    static func isJSON(_ text: Secret) -> Bool {
        var at = text.byte(at: 0) == 0xef && text.byte(at: 1) == 0xbb && text.byte(at: 2) == 0xbf ? 3 : 0
        func next() -> UInt8? {
            while let byte = text.byte(at: at), Line.isBlank(byte) { at += 1 }
            defer { at += 1 }
            return text.byte(at: at)
        }
        switch next() {
        case UInt8(ascii: "{"): return true
        case UInt8(ascii: "["):
            // A log may lead its lines with a bracket too.
            let second = next()
            return second == nil || [UInt8]("{[]\"".utf8).contains(second ?? 0)
        default: return false
        }
    }

    static func refusal(_ found: String) -> KeyFileError {
        KeyFileError("\(found); accepted are: \(KeyFileFormat.accepted)")
    }

    private static let magics: [(magic: [UInt8], name: String)] = [
        ([0xd4, 0xc3, 0xb2, 0xa1], "is a capture"), ([0xa1, 0xb2, 0xc3, 0xd4], "is a capture"),
        ([0x4d, 0x3c, 0xb2, 0xa1], "is a capture"), ([0xa1, 0xb2, 0x3c, 0x4d], "is a capture"),
        ([0x0a, 0x0d, 0x0d, 0x0a], "is a capture"), ([0x1f, 0x8b], "is compressed with gzip: decompress it first"),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "is compressed with xz: decompress it first"),
        ([0x42, 0x5a, 0x68], "is compressed with bzip2: decompress it first"),
        ([0x28, 0xb5, 0x2f, 0xfd], "is compressed with zstd: decompress it first"),
        ([0x50, 0x4b, 0x03, 0x04], "is a zip archive: unpack it first"),
        ([0xff, 0xfe], "is text in UTF-16: convert it to UTF-8"),
        ([0xfe, 0xff], "is text in UTF-16: convert it to UTF-8"),
        (Array("LPKSHHRH".utf8), "is a journal of systemd: give what journalctl prints"),
        ([0x7f, 0x45, 0x4c, 0x46], "is a program"), ([0x30, 0x82], "looks like a certificate or key in DER"),
    ]

    /// For a file that holds no text.
    static func binaryKind(_ head: Secret) -> String? {
        for (magic, name) in magics where magic.indices.allSatisfy({ head.byte(at: $0) == magic[$0] }) { return name }
        return head.withBytes { $0.prefix(4096).contains(0) } ? "holds bytes that are not text" : nil
    }

    private static let texts: [(StaticString, String)] = [
        ("-----BEGIN", "looks like a certificate or key in PEM, which opens no IKE SA"), ("<?xml", "looks like XML"),
        ("<html", "looks like HTML"), ("<!DOCTYPE", "looks like HTML"),
        ("CLIENT_RANDOM", "looks like a key log of TLS"),
        ("config setup", "looks like ipsec.conf: its keys are in ipsec.secrets"),
        ("conn ", "looks like ipsec.conf: its keys are in ipsec.secrets"),
        ("path pre_shared_key", "looks like racoon.conf"),
    ]

    static func textKind(_ head: Secret) -> String {
        head.withBytes { bytes in
            let line = Line(bytes, number: 1)
            return texts.first { line.contains($0.0) }?.1 ?? "is text of an unknown form"
        }
    }
}
