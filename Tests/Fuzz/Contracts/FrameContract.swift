import ScopeDissect
import ScopePcap
import ScopeWire

extension Contract {
    /// Any bytes are a frame of any link type, cut by the capture or not: a datagram, nothing, or an error inside the
    /// bytes, the same with a recorder and without.
    ///
    /// And any bytes are a capture file, up to a place.
    ///
    ///     | link type, or 0x80: a capture file | the frame, or the file |
    public static let frame = Contract(name: "FuzzFrame") { bytes in
        var input = Input(bytes)
        let mode = input.byte()
        let bytes = input.remainder()
        if mode & 0x80 != 0 { return try readFile(bytes) }
        let frame = Frame(
            number: 1, time: Instant(nanoseconds: 0), linkType: links[Int(mode & 0x3f) % links.count],
            capturedLength: bytes.count, originalLength: bytes.count + (mode & 0x40 == 0 ? 0 : 100))
        let plain = try dissect(frame, bytes, nil)
        let recorded = try dissect(frame, bytes, FieldRecorder())
        try require(plain == recorded, "a recorder changes what is found")
    }

    private static let links: [LinkType] = [
        .ethernet, .raw, .null, .loop, .linuxSLL, .linuxSLL2, .ppp, .pppHDLC, .pppEthernet, .ciscoHDLC, .ipv4, .ipv6,
        LinkType(rawValue: 500),
    ]

    /// Where the payload lies, or where the error is.
    private static func dissect(
        _ frame: Frame, _ bytes: [UInt8], _ recorder: FieldRecorder?
    ) throws(Violation) -> Range<Int>? {
        let datagram: Datagram?
        do throws(DecodeError) {
            datagram = try FrameDissector.datagram(of: frame, bytes.span.bytes, recorder: recorder)
        } catch {
            try require((0...bytes.count).contains(error.offset), "an error outside the frame: \(error)")
            return error.offset..<error.offset
        }
        guard let datagram else { return nil }
        try require(lies(datagram.packet, in: bytes), "the packet lies outside the frame")
        try require(datagram.layers.count <= 8, "more layers than the stack holds")
        let payload = payload(of: datagram)
        try require(lies(payload, in: bytes), "the payload lies outside the frame")
        if case .icmpError = datagram.content {
            _ = try? FrameDissector.datagram(ofIP: bytes.span.bytes, in: payload, limit: .payload, recorder: recorder)
        }
        if case .fragment(let piece) = datagram.content {
            try require(lies(piece.headers, in: bytes), "the headers lie outside the frame")
        }
        return payload
    }

    private static func payload(of datagram: Datagram) -> Range<Int> {
        switch datagram.content {
        case .udp(_, _, let payload), .esp(let payload), .ah(let payload), .other(_, let payload): payload
        case .tcp(let segment): segment.payload
        case .icmpError(let error): error.quoted
        case .fragment(let piece): piece.payload
        }
    }

    private static func lies(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        range.clamped(to: 0..<bytes.count) == range
    }

    /// Steps over a capture file as the file source does.
    private static func readFile(_ file: [UInt8]) throws(Violation) {
        var decoder = CaptureDecoder()
        var at = 0
        while at < file.count, let step = try? decoder.step(file.span.bytes, at: at, offset: UInt64(at)) {
            let left = file.count - at
            switch step {
            case .needs(let count):
                try require(count > left, "asks for bytes that are there")
                return
            case .passed(let length), .counted(let length), .lost(_, let length):
                try require((1...left).contains(length), "a record of \(length) bytes with \(left) left")
                at += length
            case .packet(let record):
                try require((1...left).contains(record.length), "a packet of \(record.length) bytes with \(left) left")
                try require(
                    record.data.clamped(to: at..<(at + record.length)) == record.data, "data outside its record")
                at += record.length
            }
        }
    }
}
