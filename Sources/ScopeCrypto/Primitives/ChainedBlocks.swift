extension Secret {
    /// B1 | B2 | …, cut to `length` bytes: each block of the function has the one before it among its inputs.
    ///
    /// This is how both versions of IKE stretch keys (RFC 2409 section 5.5, RFC 7296 section 2.13).
    ///
    /// - Parameter next: the block with a number, from 1, behind the inputs that the block before it is.
    static func chained(
        to length: Int, _ next: (_ before: [HashInput], _ number: Int) throws(CryptoError) -> Secret
    ) throws(CryptoError) -> Secret {
        let result = Secret(count: length)
        var (filled, number) = (0, 0)
        var before: [HashInput] = []
        while filled < length {
            number += 1
            let block = try next(before, number)
            // A block of nothing would never end.
            guard block.count > 0 else { throw .failed("prf", reason: 0) }
            result.withMutableBytes { target in
                block.withBytes { source in
                    for index in 0..<min(source.count, length - filled) { target[filled + index] = source[index] }
                }
            }
            filled += block.count
            before = [.secret(block)]
        }
        return result
    }
}
