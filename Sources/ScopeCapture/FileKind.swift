/// Files that people take for captures, by their first bytes, so that the error can name them.
enum FileKind {
    static func name(of head: [UInt8]) -> String? {
        known.first { head.starts(with: $0.magic) }?.name
    }

    private static let known: [(magic: [UInt8], name: String)] = [
        ([0x28, 0xb5, 0x2f, 0xfd], "compressed with zstd: decompress it first"),
        ([0x04, 0x22, 0x4d, 0x18], "compressed with lz4: decompress it first"),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "compressed with xz: decompress it first"),
        ([0x42, 0x5a, 0x68], "compressed with bzip2: decompress it first"),
        ([0x50, 0x4b, 0x03, 0x04], "a zip archive: unpack it first"),
        (Array("snoop\0\0\0".utf8), "a snoop file: convert it with editcap"),
        ([0x7f, 0x45, 0x4c, 0x46], "a program"),
        (Array("XCP\0".utf8), "a NetXRay file: convert it with editcap"),
        (Array("{".utf8), "JSON text"),
    ]
}
