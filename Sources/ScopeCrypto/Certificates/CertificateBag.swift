import COpenSSL
import ScopeDissect
import ScopeModel

/// What the CERT payloads of one side carry, decoded: the encodings of RFC 2408 section 3.9 that are X.509, and raw keys.
struct CertificateBag {
    private(set) var certificates: [X509Object] = []
    private(set) var lists: [X509CRLObject] = []
    /// Keys that came without a certificate (RFC 7670).
    private(set) var keys: [RawKeyObject] = []
    /// One per payload that was added.
    private(set) var contents: [CertificateContents] = []

    /// Larger payloads are no honest peer's.
    static let largest = 1 << 18
    /// Certificates, and lists, that are kept.
    static let most = 32

    init() {}

    init(_ carried: [CarriedCertificate]) { for entry in carried { add(entry) } }

    mutating func add(_ carried: CarriedCertificate) {
        guard carried.data.count <= Self.largest else {
            contents.append(CertificateContents(fault: .tooLarge(carried.data.count)))
            return
        }
        let (firstCertificate, firstList) = (certificates.count, lists.count)
        var result = CertificateContents()
        switch CertificateEncoding(rawValue: carried.encoding) {
        case .pkcs7: result.fault = addBundle(carried.data)
        case .x509Signature, .x509KeyExchange:
            result.fault = .notDecodable
            if let (object, rest) = X509Object.decode(carried.data) {
                result.fault = rest > 0 ? .trailingBytes(rest) : nil
                if !keep(object) { result.fault = .tooMany(1) }
            }
        case .crl, .arl:
            result.fault = .notDecodable
            if let (object, rest) = X509CRLObject.decode(carried.data) {
                result.fault = rest > 0 ? .trailingBytes(rest) : nil
                if !keep(object) { result.fault = .tooMany(1) }
            }
        case .rawRSAKey: add(RawKeyObject(pkcs1: carried.data), to: &result)
        case .rawPublicKey: add(RawKeyObject(subjectPublicKeyInfo: carried.data), to: &result)
        default: break
        }
        result.certificates = firstCertificate..<certificates.count
        result.revocationLists = firstList..<lists.count
        contents.append(result)
    }

    private mutating func add(_ key: RawKeyObject?, to result: inout CertificateContents) {
        guard let key else {
            result.fault = .notDecodable
            return
        }
        result.publicKey = key.key.map { PublicKey($0) }
        if keys.count < Self.most { keys.append(key) } else { result.fault = .tooMany(1) }
    }

    private mutating func keep(_ object: X509Object) -> Bool {
        guard certificates.count < Self.most else { return false }
        certificates.append(object)
        return true
    }

    private mutating func keep(_ object: X509CRLObject) -> Bool {
        guard lists.count < Self.most else { return false }
        lists.append(object)
        return true
    }

    /// The certificates and lists of a PKCS #7 SignedData, which signs nothing.
    private mutating func addBundle(_ der: [UInt8]) -> CertificateFault? {
        defer { ERR_clear_error() }
        var rest = 0
        let decoded = der.withUnsafeBufferPointer { buffer -> UnsafeMutablePointer<PKCS7>? in
            var position = buffer.baseAddress
            let decoded = d2i_PKCS7(nil, &position, buffer.count)
            if let position, let start = buffer.baseAddress { rest = buffer.count - (position - start) }
            return decoded
        }
        guard let decoded else { return .notDecodable }
        defer { PKCS7_free(decoded) }
        guard OBJ_obj2nid(decoded.pointee.type) == NID_pkcs7_signed, let signed = decoded.pointee.d.sign else {
            return .notDecodable
        }
        var left = 0
        for index in 0..<max(0, OPENSSL_sk_num(signed.pointee.cert)) {
            guard let raw = OPENSSL_sk_value(signed.pointee.cert, index),
                let object = X509Object(sharing: OpaquePointer(raw)), keep(object)
            else {
                left += 1
                continue
            }
        }
        for index in 0..<max(0, OPENSSL_sk_num(signed.pointee.crl)) {
            guard let raw = OPENSSL_sk_value(signed.pointee.crl, index),
                let object = X509CRLObject(sharing: OpaquePointer(raw)), keep(object)
            else {
                left += 1
                continue
            }
        }
        if left > 0 { return .tooMany(left) }
        return rest > 0 ? .trailingBytes(rest) : nil
    }
}
