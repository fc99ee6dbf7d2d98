/// SEQUENCE { INTEGER r, INTEGER s } in DER; the integers have up to 66 bytes.
enum DERSignature {
    static func sequence(_ r: [UInt8], _ s: [UInt8]) -> [UInt8] {
        let content = integer(r) + integer(s)
        return [0x30] + length(content.count) + content
    }

    private static func integer(_ bytes: [UInt8]) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if digits.first.map({ $0 & 0x80 != 0 }) ?? true { digits.insert(0, at: 0) }
        return [0x02] + length(digits.count) + digits
    }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 128 { return [UInt8(count)] }
        return count < 256 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8 & 255), UInt8(count & 255)]
    }
}
