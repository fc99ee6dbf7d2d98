import COpenSSL

/// Loads OpenSSL's legacy provider (Blowfish, CAST) beside the default one, once.
enum Providers {
    /// Kept, though nothing asks for them again: OpenSSL does not own what was loaded by name.
    private static nonisolated(unsafe) let loaded: [OpaquePointer] = {
        // Loading any provider by name turns the automatic default off, so the default comes first.
        guard let basic = OSSL_PROVIDER_load(nil, "default") else { return [] }
        defer { ERR_clear_error() }
        return [basic, OSSL_PROVIDER_load(nil, "legacy")].compactMap { $0 }
    }()

    static func load() { _ = loaded }

    static var legacyIsLoaded: Bool { loaded.count == 2 }
}
