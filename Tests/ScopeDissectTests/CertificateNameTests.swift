import ScopeDissect
import TestSupport
import Testing

@Suite("Names in certificates") struct CertificateNameTests {
    /// Made with `openssl req`; `openssl x509 -nameopt RFC2253,-dn_rev,-esc_msb,utf8` prints the name that is expected,
    /// with `emailAddress` for `E`.
    static let certificate = """
        308201e53082018b02147c620ed07793106b02f37859e08e51ee96c54f63300a06082a8648ce3d0403023075310b30090603
        55040613024348311a3018060355040a0c114772c3bc6e2c204bc3a47365202b20436f310e300c060355040b13054c616220
        41311a301806035504030c1167773c313e2e6578616d706c652e636f6d311e301c06092a864886f70d010901160f6f707340
        6578616d706c652e636f6d301e170d3236313132343231323632335a170d3336313132313231323632335a3075310b300906
        0355040613024348311a3018060355040a0c114772c3bc6e2c204bc3a47365202b20436f310e300c060355040b13054c6162
        2041311a301806035504030c1167773c313e2e6578616d706c652e636f6d311e301c06092a864886f70d010901160f6f7073
        406578616d706c652e636f6d3059301306072a8648ce3d020106082a8648ce3d03010703420004a4f3f8b298c82a96fcb3f2
        1e6fe43f1a6c0b2cd7b79288280c5e178832acfdd9a5572b83cabcf6ea4b813b9aadb58dc443bf2c7d378e84922d21068145
        87b0ea300a06082a8648ce3d040302034800304502200c15d192a88ac195b7339e22ae48f69e384733120758661a939b8e33
        2628247b022100b75e4a49bdea5fcdeb6e483b8bc0cfd075f0bee5f323842f8825e22b95f76caf
        """
    static let subject = #"C=CH,O=Grün\, Käse \+ Co,OU=Lab A,CN=gw\<1\>.example.com,E=ops@example.com"#

    /// IA5, BMP, printable and Latin-1 strings, a part of two values, and an attribute that no one knows.
    static let name = """
        307c31173015060a0992268993f22c64011916076578616d706c653125301306035504031e0c005a00fc0072006900630068
        300e0603550405130746545831323334310d300b060355040a14044be47365311d301b06092a864886f70d010902130e5231
        2e6578616d706c652e636f6d310c300a06052a03868d1f020105
        """

    private func certificate(_ bytes: [UInt8]) throws -> CertificatePayload? {
        let (payload, _) = try Messages.only(.certificate, [4] + bytes)
        guard case .certificate(let value) = payload.content else { return nil }
        return value
    }

    @Test("the subject reads as openssl reads it")
    func subject() throws {
        #expect(try certificate([UInt8](hex: Self.certificate))?.name == Self.subject)
    }

    @Test("a certificate without its version field has its subject at the same place")
    func version() throws {
        // This one is version 1; with [0] { INTEGER 2 } before its serial number it is version 3.
        var bytes = [UInt8](hex: Self.certificate)
        bytes.insert(contentsOf: [0xa0, 3, 2, 1, 2], at: 8)
        bytes.replaceSubrange(2..<4, with: Packets.u16(0x1e5 + 5))
        bytes.replaceSubrange(6..<8, with: Packets.u16(0x18b + 5))
        #expect(try certificate(bytes)?.name == Self.subject)
    }

    @Test("a request's authority and an identity read every string type, and unknown attributes by their number")
    func authority() throws {
        let expected =
            "DC=example,CN=Zürich+serialNumber=FTX1234,O=Käse,unstructuredName=R1.example.com,1.2.3.99999=#05"
        let der = [UInt8](hex: Self.name)
        let (payload, _) = try Messages.only(.certificateRequest, [4] + der)
        guard case .certificateRequest(let request) = payload.content else { throw Messages.Flaw(what: "no CR") }
        #expect(request.name == expected)
        #expect(Identity(.derDN, der) == .distinguishedName(expected))
    }

    @Test("an empty request asks for any authority")
    func anyAuthority() throws {
        let (payload, _) = try Messages.only(.certificateRequest, [4])
        guard case .certificateRequest(let request) = payload.content else { throw Messages.Flaw(what: "no CR") }
        #expect(request.name == nil && request.data.isEmpty && payload.problem == nil)
    }

    @Test("cut or bent at any byte, a certificate and a name give a text or none, never a trap")
    func total() throws {
        let whole = [UInt8](hex: Self.certificate)
        // Behind the subject nothing matters, before it everything does.
        for count in 0..<whole.count { _ = try certificate(Array(whole[..<count])) }
        let name = [UInt8](hex: Self.name)
        for index in name.indices {
            for value in [0, 0x7f, 0x80, 0x84, 0x88, 0xff] as [UInt8] {
                var bent = name
                bent[index] = value
                _ = Identity(.derDN, bent)
            }
            if index > 0 { #expect(Identity(.derDN, Array(name[..<index])) == .other(Array(name[..<index]))) }
        }
    }
}
