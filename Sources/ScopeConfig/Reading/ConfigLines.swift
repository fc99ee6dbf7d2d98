import Glibc

/// The lines of a configuration that was copied from a terminal, sent by mail or edited by hand.
struct ConfigLines {
    private var bytes: [UInt8]
    /// The bytes are a copy of its own.
    private let isCopy: Bool
    private var at = 0
    private var number = 0
    private let end: UInt8
    private var scratch: [UInt8] = []

    /// The longest line that matters, and the most words of it.
    static let longest = 4096
    static let mostWords = 64

    init(_ given: [UInt8]) {
        let narrowed = Self.narrowed(given)
        isCopy = narrowed != nil
        bytes = narrowed ?? given
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        // Old Macs, and terminals that log what they receive, end lines in this way.
        end = bytes.contains(0x0A) ? 0x0A : 0x0D
        scratch.reserveCapacity(Self.longest)
    }

    /// The ASCII of UTF-16, as editors on Windows save it; nil for anything else.
    private static func narrowed(_ bytes: [UInt8]) -> [UInt8]? {
        let isLittle = bytes.starts(with: [0xFF, 0xFE])
        guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 2)
        var index = 2
        while index + 1 < bytes.count {
            let (low, high) = isLittle ? (bytes[index], bytes[index + 1]) : (bytes[index + 1], bytes[index])
            result.append(high == 0 && low < 0x80 ? low : UInt8(ascii: "?"))
            index += 2
        }
        return result
    }

    /// The next line; nil behind the last one.
    mutating func next() -> ConfigLine? {
        guard at < bytes.count else { return nil }
        let stop = bytes[at...].firstIndex(of: end) ?? bytes.count
        number += 1
        take(bytes[at..<min(stop, at + Self.longest)])
        at = stop + 1
        return line()
    }

    /// Wipes the bytes, which may hold a key.
    mutating func wipe() {
        scratch.append(contentsOf: repeatElement(0, count: max(Self.longest - scratch.count, 0)))
        scratch.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } }
        guard isCopy else { return }
        bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } }
    }

    /// Replaces the bytes by what a terminal would show.
    private mutating func take(_ raw: ArraySlice<UInt8>) {
        scratch.removeAll(keepingCapacity: true)
        var index = raw.startIndex
        while index < raw.endIndex {
            let byte = raw[index]
            index += 1
            switch byte {
            case 0x08: if !scratch.isEmpty { scratch.removeLast() }
            case 0x0D:
                // The next text overwrites the line; a carriage return at the end belongs to the end of the line.
                if raw[index...].contains(where: { $0 != 0x0D }) { scratch.removeAll(keepingCapacity: true) }
            case 0x1B: index = Self.behindEscape(raw, index)
            case 0x09: scratch.append(0x20)
            case 0xC2 where index < raw.endIndex && raw[index] == 0xA0:
                // A no-break space, from web pages and mail.
                index += 1
                scratch.append(0x20)
            case 0..<0x20, 0x7F: break
            default: scratch.append(byte)
            }
        }
    }

    /// The offset behind a control sequence of a terminal.
    private static func behindEscape(_ raw: ArraySlice<UInt8>, _ start: Int) -> Int {
        guard start < raw.endIndex, raw[start] == UInt8(ascii: "[") else { return min(start + 1, raw.endIndex) }
        let last = raw[(start + 1)...].firstIndex { (0x40...0x7E).contains($0) }
        return last.map { $0 + 1 } ?? raw.endIndex
    }

    private func line() -> ConfigLine {
        var rest = scratch[...]
        // The line is quoted in a mail.
        while rest.first == UInt8(ascii: ">") { rest = rest.dropFirst() }
        if rest.startIndex > 0, rest.first == 0x20 { rest = rest.dropFirst() }
        rest = Self.behindPager(rest)
        var prompt: ConfigLine.Prompt?
        if let (found, behind) = Self.prompt(rest) {
            prompt = found
            rest = behind
        }
        let isIndented = prompt == .configuration(isBelow: true) || prompt == nil && rest.first == 0x20
        return ConfigLine(number: number, words: Self.words(rest), isIndented: isIndented, prompt: prompt)
    }

    private static func words(_ text: ArraySlice<UInt8>) -> [ConfigWord] {
        text.split(separator: 0x20, maxSplits: Self.mostWords).prefix(Self.mostWords).map { ConfigWord(bytes: $0) }
    }

    /// The line behind `--More--`, where no backspaces removed it.
    private static func behindPager(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        for marker in ["--More--", "<--- More --->"] {
            let marker = Array(marker.utf8)
            let start = text.drop { $0 == 0x20 }
            guard start.starts(with: marker) else { continue }
            // One blank follows the marker, then the line with its indentation.
            let behind = start.dropFirst(marker.count)
            return behind.first == 0x20 ? behind.dropFirst() : behind
        }
        return text
    }

    /// `R1#`, `R1>`, `R1(config-isakmp)#`: a name without blanks up to its mark.
    private static func prompt(_ text: ArraySlice<UInt8>) -> (ConfigLine.Prompt, ArraySlice<UInt8>)? {
        guard let mark = text.prefix(96).firstIndex(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: ">") }),
            mark > text.startIndex
        else { return nil }
        let name = text[text.startIndex..<mark]
        guard name.first.map(isNameByte) == true, name.allSatisfy({ isNameByte($0) || $0 == 0x28 || $0 == 0x29 })
        else { return nil }
        let behind = text[(mark + 1)...]
        guard let open = name.firstIndex(of: UInt8(ascii: "(")), name.last == UInt8(ascii: ")") else {
            return name.contains(0x28) || name.contains(0x29) ? nil : (.exec, behind)
        }
        let mode = name[(open + 1)...].dropLast()
        guard mode.starts(with: "config".utf8) else { return nil }
        return (.configuration(isBelow: mode.count > "config".utf8.count), behind)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"):
            true
        default: false
        }
    }
}
