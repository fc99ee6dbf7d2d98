import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("CP of IKEv2") struct IKEv2ConfigurationTests {
    private static func attribute(_ type: Int, _ value: [UInt8]) -> [UInt8] { Messages.long(type, value) }

    private static func read(_ body: [UInt8]) throws -> (IKEv2.Configuration, DecodeError?) {
        let (content, problem) = try IKEv2Messages.content(.configuration, body)
        guard case .configuration(let configuration) = content else { throw Messages.Flaw(what: "\(content)") }
        return (configuration, problem)
    }

    private static let six = [UInt8](hex: "20010db8000000000000000000000001")

    /// Values by the RFC of each attribute, and what they say.
    static let values: [(type: Int, value: [UInt8], name: String, text: String?)] = [
        (1, [10, 9, 0, 1], "INTERNAL_IP4_ADDRESS", "10.9.0.1"), (1, [], "INTERNAL_IP4_ADDRESS", nil),
        (2, [255, 255, 255, 0], "INTERNAL_IP4_NETMASK", "255.255.255.0"),
        (3, [10, 9, 0, 53], "INTERNAL_IP4_DNS", "10.9.0.53"),
        (7, Array("box".utf8), "APPLICATION_VERSION", "box"), (8, six + [64], "INTERNAL_IP6_ADDRESS", "2001:db8::1/64"),
        (10, six, "INTERNAL_IP6_DNS", "2001:db8::1"),
        (13, [10, 2, 0, 0, 255, 255, 0, 0], "INTERNAL_IP4_SUBNET", "10.2.0.0/255.255.0.0"),
        (14, [0, 1, 0, 99], "SUPPORTED_ATTRIBUTES", "INTERNAL_IP4_ADDRESS, 99"),
        (15, six + [48], "INTERNAL_IP6_SUBNET", "2001:db8::1/48"),
        (16, [0, 0, 14, 16] + six + [64], "MIP6_HOME_PREFIX", "2001:db8::1/64"),
        (18, six + [64], "INTERNAL_IP6_PREFIX", "2001:db8::1/64"),
        (19, six + [192, 0, 2, 1], "HOME_AGENT_ADDRESS", "2001:db8::1"),
        (20, [192, 0, 2, 1], "P_CSCF_IP4_ADDRESS", "192.0.2.1"), (21, six, "P_CSCF_IP6_ADDRESS", "2001:db8::1"),
        (24, [0, 0, 0, 30], "TIMEOUT_PERIOD_FOR_LIVENESS_CHECK", "30"),
        (25, Array("lab.example".utf8), "INTERNAL_DNS_DOMAIN", "lab.example"),
        (
            27, [0, 1, 1, 3, 192, 0, 2, 53] + Array("d.e".utf8) + [0, 1], "ENCDNS_IP4", "d.e 192.0.2.53"
        ),
        (28, [0, 1, 1, 3] + six + Array("d.e".utf8), "ENCDNS_IP6", "d.e 2001:db8::1"),
        (27, [0, 1, 9, 3, 192], "ENCDNS_IP4", nil),
        (23456, [192, 0, 2, 9], "INTERNAL_IP4_SERVER", "192.0.2.9"), (28672, Array("hi".utf8), "BANNER", "hi"),
        (28674, Array("lab".utf8), "DEF_DOMAIN", "lab"), (16384, [1], "UNKNOWN(16384)", nil),
        // Reserved numbers, whose meaning in IKEv1 does not apply.
        (5, [0, 0, 0, 9], "UNKNOWN(5)", nil), (9, six, "UNKNOWN(9)", nil),
    ]

    @Test("gives type, attributes and what their values say")
    func attributes() throws {
        var body: [UInt8] = [2, 0, 0, 0]
        for (type, value, _, _) in Self.values { body += Self.attribute(type, value) }
        let (configuration, problem) = try Self.read(body)
        #expect(configuration.type == .reply && problem == nil)
        #expect(configuration.attributes.count == Self.values.count)
        for (attribute, (type, value, name, text)) in zip(configuration.attributes, Self.values) {
            let found = attribute.describe(in: .ikev2Configuration)
            #expect(found.name == name && found.value == text, "\(type)")
            #expect(Int(attribute.type) == type && attribute.value == value)
        }
    }

    @Test("has no short form: the first bit of a type is reserved (RFC 7296 section 3.15.1)")
    func reservedBit() throws {
        let (configuration, problem) = try Self.read([1, 0, 0, 0, 0x80, 1, 0, 4, 10, 9, 0, 1])
        #expect(configuration.attributes.map(\.value) == [[10, 9, 0, 1]] && problem == nil)
        #expect(configuration.attributes.first?.type == 1)
    }

    @Test("says an attribute that is cut, and keeps those before it")
    func cut() throws {
        let head: [UInt8] = [1, 0, 0, 0]
        let (configuration, problem) = try Self.read(head + Self.attribute(1, [10, 0, 0, 1]) + [0, 3, 0, 9, 1])
        #expect(configuration.attributes.count == 1 && problem?.path.prefix(2) == ["CP", "attribute 2"])
    }
}
