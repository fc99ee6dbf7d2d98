import ScopeCrypto

/// Keys of the SAs of the shipped captures, which the corpus was made of, in `sessions.keys.json`; `seeds` wrote it.
enum SessionKeys {
    /// Decoded once; its secrets are only read.
    static nonisolated(unsafe) let file = Result {
        try KeyFile.load(#filePath.split(separator: "/Contracts/")[0] + "/sessions.keys.json")
    }
}
