import ScopeWire
import Testing

@Suite("An IP address") struct IPAddressTests {
    @Test(
        "reads what it prints, in the canonical form of RFC 5952",
        arguments: [
            ("10.1.2.3", "10.1.2.3"), ("0:0:0:0:0:0:0:1", "::1"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("::", "::"), ("fe80::1", "fe80::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("::ffff:1.2.3.4", "::ffff:102:304"),
        ])
    func canonical(text: String, canonical: String) throws {
        #expect(try #require(IPAddress(text)).description == canonical)
    }

    @Test(
        "refuses text that is no address",
        arguments: [
            "", "1.2.3", "1.2.3.256", "1.2.3.4.5", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7", "+1.2.3.4", "::g",
        ])
    func refused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("knows which addresses a prefix holds")
    func prefix() throws {
        let net = try #require(IPPrefix("10.1.0.0/16"))
        #expect(net.contains(try #require(IPAddress("10.1.255.1"))))
        #expect(!net.contains(try #require(IPAddress("10.2.0.1"))))
        #expect(!net.contains(try #require(IPAddress("::a01:1"))))
        let net6 = try #require(IPPrefix("2001:db8::/33"))
        #expect(net6.contains(try #require(IPAddress("2001:db8:7fff::1"))))
        #expect(!net6.contains(try #require(IPAddress("2001:db8:8000::1"))))
        #expect(IPPrefix("10.0.0.0/33") == nil)
    }
}
