import Foundation
import TestSupport

/// What tests let the openssl program work out, as somebody who knows nothing of the code under test.
public enum Forge {
    /// What `openssl` with these arguments writes for `input`.
    public static func openssl(_ arguments: [String], _ input: some Sequence<UInt8>) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(input).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let files = arguments.first == "enc" ? ["-in", file.path] : [file.path]
        return try ChildProcess.run(["openssl"] + arguments + files).output
    }
}
