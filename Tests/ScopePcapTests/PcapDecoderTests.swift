import ScopePcap
import ScopeWire
import Testing

@Suite("The pcap decoder") struct PcapDecoderTests {
    private func bytes(_ value: UInt32, big: Bool) -> [UInt8] {
        let little = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
        return big ? little.reversed() : little
    }

    private func file(
        magic: UInt32, big: Bool, link: UInt32 = 1, version: [UInt16] = [2, 4], records: [[UInt32]], extra: Int = 0
    ) -> [UInt8] {
        let versions = version.flatMap { big ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
        var file = bytes(magic, big: big) + versions + [UInt8](repeating: 0, count: 8)
        file += bytes(64, big: big) + bytes(link, big: big)
        for record in records {
            file += record.flatMap { bytes($0, big: big) } + [UInt8](repeating: 0, count: extra)
            file += (0..<record[2]).map { UInt8(truncatingIfNeeded: $0) }
        }
        return file
    }

    @Test(
        "knows its magic numbers in both byte orders",
        arguments: [(0xa1b2_c3d4 as UInt32, 1000 as Int64, 0), (0xa1b2_3c4d, 1, 0), (0xa1b2_cd34, 1000, 8)],
        [false, true])
    func magic(kind: (magic: UInt32, scale: Int64, extra: Int), big: Bool) throws {
        let file = file(magic: kind.magic, big: big, records: [[7, 123_456, 5, 60], [8, 0, 0, 0]], extra: kind.extra)
        let found = decode(file)
        #expect(found.error == nil)
        #expect(found.rest == 0)
        #expect(found.records.map(\.time.nanoseconds) == [7_000_000_000 + 123_456 * kind.scale, 8_000_000_000])
        #expect(found.records.map(\.originalLength) == [60, 0])
        #expect(found.records.map { Array(file[$0.data]) } == [[0, 1, 2, 3, 4], []])
    }

    @Test("takes a record longer than the snap length, as long as it is sane")
    func beyondSnapLength() {
        #expect(decode(file(magic: 0xa1b2_c3d4, big: false, records: [[1, 0, 100, 100]])).records[0].data.count == 100)
    }

    @Test("refuses a record that is longer than any packet, and says where")
    func tooLong() {
        var file = file(magic: 0xa1b2_c3d4, big: false, records: [[1, 0, 4, 4]])
        file += [1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        let found = decode(file)
        #expect(found.records.count == 1)
        #expect(found.error == FormatError(.tooLong(0xffff_ffff), at: 24 + 20))
    }

    @Test("masks the frame check sequence bits off the link type")
    func checkSequence() {
        let found = decode(file(magic: 0xa1b2_c3d4, big: true, link: 0x5400_0071, records: [[1, 0, 1, 1]]))
        #expect(found.records.map(\.linkType) == [.linuxSLL])
    }

    @Test("reads the swapped lengths of writers before version 2.4")
    func oldVersions() {
        // The picture of a 2.2 file: original length first.
        var old = file(magic: 0xa1b2_c3d4, big: false, version: [2, 2], records: [])
        old += [1, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0, 2, 0, 0, 0, 0xaa, 0xbb]
        #expect(decode(old).records.map(\.originalLength) == [60])
        #expect(decode(old).records.map(\.data.count) == [2])
    }

    @Test("refuses a version it does not know")
    func version() {
        let found = decode(file(magic: 0xa1b2_c3d4, big: false, version: [3, 0], records: []))
        #expect(found.error == FormatError(.unsupportedVersion(major: 3, minor: 0), at: 0))
    }

    @Test("refuses bytes that are neither format", arguments: ["GET / HTTP/1.1\r\n", "\0\0\0\0\0\0\0\0"])
    func other(text: String) {
        #expect(decode(Array(text.utf8)).error == FormatError(.notACapture, at: 0))
    }
}

/// Walks through a file that is whole in memory; `rest` is what was left at the end.
func decode(
    _ file: [UInt8]
) -> (records: [CaptureRecord], lost: [UInt64], decoder: CaptureDecoder, error: FormatError?, rest: Int) {
    var decoder = CaptureDecoder()
    var records: [CaptureRecord] = []
    var lost: [UInt64] = []
    var at = 0
    do throws(FormatError) {
        while true {
            switch try decoder.step(file.span.bytes, at: at, offset: UInt64(at)) {
            case .needs: return (records, lost, decoder, nil, file.count - at)
            case .packet(let record):
                records.append(record)
                at += record.length
            case .passed(let length), .counted(let length): at += length
            case .lost(let count, let length):
                lost.append(count)
                at += length
            }
        }
    } catch {
        return (records, lost, decoder, error, file.count - at)
    }
}
