import Glibc

/// The reason why a configuration could not be read.
public struct ConfigError: Error, CustomStringConvertible {
    public var file: String
    public var problem: String
    public var kind: Kind

    public enum Kind: Sendable {
        /// There is no such file, or it cannot be read.
        case unreadable
        /// It is no configuration of IOS.
        case malformed
    }

    public var description: String { "\(file): \(problem)" }
}

extension IOSConfig {
    /// The largest configuration that is read, in bytes.
    public static let largest = 1 << 25

    /// Reads the running configuration at `path`, which may be a pipe.
    ///
    /// The bytes hold keys, so they are wiped.
    public static func load(_ path: String) throws(ConfigError) -> IOSConfig {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ConfigError(file: path, problem: String(cString: strerror(errno)), kind: .unreadable)
        }
        defer { close(descriptor) }
        // The buffer grows by hand, so that the old one, which holds keys, can be wiped.
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        var filled = 0
        defer { wipe(&bytes) }
        while true {
            if filled == bytes.count {
                guard filled < largest else {
                    throw ConfigError(file: path, problem: "larger than \(largest >> 20) MiB", kind: .malformed)
                }
                var larger = [UInt8](repeating: 0, count: filled * 2)
                larger.replaceSubrange(0..<filled, with: bytes)
                wipe(&bytes)
                bytes = larger
            }
            let at = filled
            let count = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress.map { $0 + at }, buffer.count - at)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw ConfigError(file: path, problem: String(cString: strerror(errno)), kind: .unreadable)
            }
            if count == 0 { break }
            filled += count
        }
        // Zeros behind the end would be read as a line.
        bytes.removeLast(bytes.count - filled)
        let config = IOSConfig(bytes: bytes, path: path)
        guard config.isAboutIPsec else {
            throw ConfigError(
                file: path, problem: "is not a configuration of IOS with ISAKMP or IPsec in it",
                kind: .malformed)
        }
        return config
    }

    private static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } }
    }
}
