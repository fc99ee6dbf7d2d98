import COpenSSL

/// A prime-field curve: KE is x | y, the shared secret is the x coordinate (RFC 5903 section 7).
package final class ECPGroup: KeyExchangeGroup {
    package let publicLength: Int
    package let sharedLength: Int
    private let curve: OpaquePointer
    private let context: OpaquePointer

    init(curve number: CInt) throws(CryptoError) {
        guard let curve = EC_GROUP_new_by_curve_name(number), let context = BN_CTX_new() else {
            throw .unavailable("curve \(number)")
        }
        self.curve = curve
        self.context = context
        sharedLength = (Int(EC_GROUP_get_degree(curve)) + 7) / 8
        publicLength = sharedLength * 2
    }

    deinit {
        EC_GROUP_free(curve)
        BN_CTX_free(context)
    }

    package func publicValue(of exponent: Secret) throws(CryptoError) -> [UInt8] {
        let whole = try multiply(nil, exponent)
        return whole.withBytes { Array($0) }
    }

    package func shared(_ exponent: Secret, with peer: [UInt8]) throws(CryptoError) -> Secret {
        guard peer.count == publicLength else { throw .keyLength("the DH group", bytes: peer.count) }
        guard let point = EC_POINT_new(curve) else { throw .last("EC_POINT_new") }
        defer { EC_POINT_free(point) }
        // 4: an uncompressed point (SEC 1 section 2.3.4). OpenSSL refuses one that is not on the curve.
        let encoded = [4] + peer
        guard EC_POINT_oct2point(curve, point, encoded, encoded.count, context) == 1 else {
            throw .last("EC_POINT_oct2point")
        }
        return try multiply(point, exponent).slice(0..<sharedLength)
    }

    /// x | y of `scalar` times `point`, or times the generator.
    private func multiply(_ point: OpaquePointer?, _ scalar: Secret) throws(CryptoError) -> Secret {
        let number = scalar.withBytes { bytes in
            BN_bin2bn(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), CInt(bytes.count), nil)
        }
        guard let number, let result = EC_POINT_new(curve), let x = BN_new(), let y = BN_new() else {
            throw .last("EC_POINT_new")
        }
        defer {
            BN_clear_free(number)
            BN_clear_free(x)
            BN_clear_free(y)
            EC_POINT_clear_free(result)
        }
        let multiplied =
            point == nil
            ? EC_POINT_mul(curve, result, number, nil, nil, context)
            : EC_POINT_mul(curve, result, nil, point, number, context)
        guard multiplied == 1, EC_POINT_get_affine_coordinates(curve, result, x, y, context) == 1 else {
            throw .last("EC_POINT_mul")
        }
        let secret = Secret(count: publicLength)
        let written = secret.withMutableBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
            return BN_bn2binpad(x, start, CInt(sharedLength)) >= 0
                && BN_bn2binpad(y, start + sharedLength, CInt(sharedLength)) >= 0
        }
        guard written else { throw .last("BN_bn2binpad") }
        return secret
    }
}
