import COpenSSL

/// Why a primitive could not do its work.
package enum CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// This OpenSSL has no such algorithm (a FIPS configuration, a missing legacy provider).
    case unavailable(String)
    /// A key of the wrong length for its algorithm.
    case keyLength(String, bytes: Int)
    /// The call failed, with OpenSSL's reason number.
    case failed(String, reason: UInt)

    static func last(_ call: String) -> CryptoError {
        defer { ERR_clear_error() }
        return .failed(call, reason: UInt(ERR_peek_last_error()))
    }

    package var description: String {
        switch self {
        case .unavailable(let name): "this OpenSSL does not offer \(name)"
        case .keyLength(let name, let bytes): "\(name) takes no key of \(bytes) bytes"
        case .failed(let call, let reason): "\(call) failed (OpenSSL reason \(reason))"
        }
    }
}
