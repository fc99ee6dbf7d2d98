import COpenSSL

/// Loads OpenSSL's legacy provider (Blowfish, CAST) beside the default one, once.
enum Providers {
    /// Loading any provider by name turns the automatic default off, so the default comes first.
    static let legacyIsLoaded: Bool = {
        guard OSSL_PROVIDER_load(nil, "default") != nil else { return false }
        defer { ERR_clear_error() }
        return OSSL_PROVIDER_load(nil, "legacy") != nil
    }()
}
