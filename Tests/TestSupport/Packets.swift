/// Frames written down field by field, as the RFCs draw them.
public enum Packets {
    public static func u16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
    public static func u32(_ value: Int) -> [UInt8] { u16(value >> 16 & 0xffff) + u16(value & 0xffff) }

    public static let macs = [UInt8](hex: "0200000000020200 00000001")

    public static func ethernet(_ type: Int, _ payload: [UInt8]) -> [UInt8] { macs + u16(type) + payload }

    public static func vlan(_ id: Int, _ type: Int, _ payload: [UInt8]) -> [UInt8] { u16(id) + u16(type) + payload }

    public static let source4: [UInt8] = [192, 0, 2, 1]
    public static let destination4: [UInt8] = [198, 51, 100, 2]

    public static func ipv4(
        _ proto: Int, _ payload: [UInt8], options: [UInt8] = [], id: Int = 0x1234, fragment: Int = 0,
        total: Int? = nil, hopLimit: Int = 61
    ) -> [UInt8] {
        let header = 20 + options.count
        return [UInt8(0x40 | header / 4), 0] + u16(total ?? header + payload.count) + u16(id) + u16(fragment)
            + [UInt8(hopLimit), UInt8(proto), 0, 0] + source4 + destination4 + options + payload
    }

    public static let source6 = [UInt8](hex: "20010db8000000000000000000000001")
    public static let destination6 = [UInt8](hex: "20010db8000000000000000000000002")

    public static func ipv6(_ next: Int, _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
        [0x60, 0, 0, 0] + u16(length ?? payload.count) + [UInt8(next), 61] + source6 + destination6 + payload
    }

    /// Hop-by-hop, routing or destination options: 8 times `units` bytes, filled with PadN.
    public static func extensionHeader(_ next: Int, units: Int, _ payload: [UInt8]) -> [UInt8] {
        let padding = units * 8 - 4
        return [UInt8(next), UInt8(units - 1), 1, UInt8(padding)] + [UInt8](repeating: 0, count: padding) + payload
    }

    public static func fragmentHeader(_ next: Int, offset: Int, more: Bool, id: Int, _ payload: [UInt8]) -> [UInt8] {
        [UInt8(next), 0] + u16(offset | (more ? 1 : 0)) + u32(id) + payload
    }

    public static func udp(_ source: Int, _ destination: Int, _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
        u16(source) + u16(destination) + u16(length ?? payload.count + 8) + [0, 0] + payload
    }

    public static func tcp(_ source: Int, _ destination: Int, flags: Int, options: [UInt8] = [], _ payload: [UInt8])
        -> [UInt8]
    {
        u16(source) + u16(destination) + u32(0x0102_0304) + u32(0)
            + [UInt8((20 + options.count) / 4 * 16), UInt8(flags)] + u16(8192) + u32(0) + options + payload
    }

    public static let esp = [UInt8](hex: "c0ffee01 00000007") + (0..<24).map { UInt8($0) }
    /// 24 bytes of header (ICV of 12), then what it protects.
    public static let ah = [UInt8](hex: "04040000 0badcafe 00000009 000102030405060708090a0b") + ipv4(1, [8, 0, 0, 0])
    public static let ike = [UInt8](hex: "0102030405060708 0000000000000000 00100200 00000000 0000001c")

    /// UDP 500 over IPv4: what most tests look for inside their layers.
    public static let ike4 = ipv4(17, udp(500, 500, ike))
    public static let ike6 = ipv6(17, udp(500, 500, ike))

    public static func arp() -> [UInt8] { [UInt8](hex: "00010800060400010200000000010a0000010000000000000a000002") }
}
