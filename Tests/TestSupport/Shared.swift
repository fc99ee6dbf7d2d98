import Glibc

/// Where the captures lie that are not part of the repository.
public enum Shared {
    /// The repository's root.
    public static let root: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// Whether there is such a folder at all.
    public static let isThere = access(root + "/../shared", R_OK) == 0

    /// `path` below the shared folder beside the repository; nil, with a visible line, where it is absent.
    public static func path(_ path: String) -> String? {
        let full = root + "/../shared/" + path
        if access(full, R_OK) == 0 { return full }
        let line = "SKIPPED: ../shared/\(path) is absent\n"
        _ = line.withCString { write(2, $0, strlen($0)) }
        return nil
    }

    /// Names in the folder `path` below the shared folder, sorted; empty where it is absent.
    public static func list(_ path: String) -> [String] {
        Self.path(path).map { names(inFolder: $0) } ?? []
    }

    /// Names in a folder, sorted; empty where it is absent.
    public static func names(inFolder folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// A whole file; nil when it cannot be read.
    public static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &block, block.count)
            if count <= 0 { break }
            result += block[..<count]
        }
        return result
    }
}
