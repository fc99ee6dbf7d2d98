/// The text forms of addresses: dotted quad, RFC 4291 in, RFC 5952 out.
enum AddressText {
    static func parse(_ text: String) -> IPAddress? {
        if text.utf8.contains(UInt8(ascii: ":")) { return parseV6(text) }
        return parseV4(text[...]).map { IPAddress(v4: $0) }
    }

    static func format(_ address: IPAddress) -> String {
        guard address.isV6 else { return dottedQuad(UInt32(truncatingIfNeeded: address.low)) }
        let groups = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? address.high : address.low) >> UInt64(48 - 16 * (index % 4)))
        }
        guard let zeros = longestZeroRun(groups) else {
            return groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        let before = groups[..<zeros.lowerBound].map { String($0, radix: 16) }.joined(separator: ":")
        let after = groups[zeros.upperBound...].map { String($0, radix: 16) }.joined(separator: ":")
        return "\(before)::\(after)"
    }

    /// Written digit by digit: a transcript has several in each line.
    private static func dottedQuad(_ value: UInt32) -> String {
        String(unsafeUninitializedCapacity: 15) { text in
            var count = 0
            func put(_ byte: UInt8) {
                text[count] = byte
                count += 1
            }
            for shift: UInt32 in [24, 16, 8, 0] {
                let octet = UInt8(truncatingIfNeeded: value >> shift)
                if octet >= 100 { put(48 + octet / 100) }
                if octet >= 10 { put(48 + octet / 10 % 10) }
                put(48 + octet % 10)
                if shift > 0 { put(UInt8(ascii: ".")) }
            }
            return count
        }
    }

    private static func parseV4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                let octet = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    private static func parseV6(_ text: String) -> IPAddress? {
        let halves = splitAtDoubleColon(text)
        guard let head = halves.first.flatMap(groups) else { return nil }
        guard halves.count == 2 else { return head.count == 8 ? address(head) : nil }
        guard let tail = groups(halves[1]), head.count + tail.count < 8 else { return nil }
        return address(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func splitAtDoubleColon(_ text: String) -> [Substring] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 2 else { return [text[...]] }
        for index in 0..<(bytes.count - 1) where bytes[index] == 58 && bytes[index + 1] == 58 {
            let cut = text.utf8.index(text.utf8.startIndex, offsetBy: index)
            return [text[..<cut], text[text.utf8.index(cut, offsetBy: 2)...]]
        }
        return [text[...]]
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        var result: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.utf8.contains(46) {
                guard let quad = parseV4(part) else { return nil }
                result += [UInt16(truncatingIfNeeded: quad >> 16), UInt16(truncatingIfNeeded: quad)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                result.append(group)
            }
        }
        return result.count <= 8 ? result : nil
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }

    private static func address(_ groups: [UInt16]) -> IPAddress {
        IPAddress(
            v6high: groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) },
            low: groups.suffix(4).reduce(0) { $0 << 16 | UInt64($1) })
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            guard groups[start] == 0 else {
                start += 1
                continue
            }
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = end
        }
        return best
    }
}
