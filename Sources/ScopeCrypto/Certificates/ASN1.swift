import COpenSSL
import ScopeDissect

/// Values of libcrypto's ASN.1 types in Swift's.
enum ASN1 {
    /// The contents of a string or an integer; the sign of an integer is left out.
    static func bytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
        guard let string, let data = ASN1_STRING_get0_data(string) else { return [] }
        return Array(UnsafeBufferPointer(start: data, count: max(0, Int(ASN1_STRING_length(string)))))
    }

    /// The contents of an IA5String; what is not UTF-8 becomes U+FFFD.
    static func text(_ raw: OpaquePointer) -> String {
        String(decoding: bytes(UnsafePointer(raw)), as: UTF8.self)
    }

    /// The encoding of an X509_NAME.
    static func encoding(ofName name: OpaquePointer?) -> [UInt8] {
        let count = Int(i2d_X509_NAME(name, nil))
        guard name != nil, count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        return bytes.withUnsafeMutableBufferPointer { buffer -> Int32 in
            var position = buffer.baseAddress
            return i2d_X509_NAME(name, &position)
        } == count ? bytes : []
    }

    /// An X509_NAME as identities are written; its encoding in hex when it has too many parts.
    static func name(_ name: OpaquePointer?) -> String {
        let der = encoding(ofName: name)
        return DistinguishedName.text(der) ?? "#" + der.map { Hex.spell(UInt64($0), digits: 2) }.joined()
    }

    static func dotted(_ object: OpaquePointer) -> String { text(of: object, isDotted: true) }

    /// The long name of an object identifier, else its dotted form.
    static func longName(_ object: OpaquePointer) -> String { text(of: object, isDotted: false) }

    private static func text(of object: OpaquePointer, isDotted: Bool) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let length = OBJ_obj2txt(&buffer, Int32(buffer.count), object, isDotted ? 1 : 0)
        guard length > 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func shortName(_ object: OpaquePointer) -> String? {
        let number = OBJ_obj2nid(object)
        guard number != NID_undef, let name = OBJ_nid2sn(number) else { return nil }
        return String(cString: name)
    }

    static func signatureAlgorithm(of certificate: OpaquePointer) -> String {
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_get0_signature(nil, &algorithm, certificate)
        return name(of: algorithm)
    }

    static func name(of algorithm: UnsafePointer<X509_ALGOR>?) -> String {
        var object: OpaquePointer?
        guard let algorithm else { return "unknown" }
        X509_ALGOR_get0(&object, nil, nil, algorithm)
        return object.map { longName($0) } ?? "unknown"
    }
}
