import Foundation

/// The built program, run as users run it.
enum Tool {
    /// It lies beside the bundle that these tests run from.
    static let path: String = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().path + "/ikescope"
    }()

    struct Result {
        var status: Int32
        var output: String
        var complaints: String

        /// The lines of standard error.
        var complaintLines: [String] {
            complaints.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        }
        /// True when it was said in one line, as all is that goes wrong.
        var isOneComplaint: Bool {
            complaintLines.count == 1 && complaints.hasPrefix("ikescope: ") && complaints.hasSuffix("\n")
        }
    }

    /// Runs the program to its end.
    static func run(
        _ arguments: [String], input: [UInt8]? = nil, environment: [String: String] = [:], tool: String = Tool.path
    ) throws -> Result {
        let running = try RunningTool(
            arguments, environment: environment, tool: tool, hasInput: input != nil)
        if let input {
            running.write(input)
            running.endInput()
        }
        return running.end()
    }

    /// Runs a line of shell, whose `$1` is the program and `$2` … the arguments.
    static func shell(_ script: String, _ arguments: [String]) throws -> Result {
        try run(["-c", script, "bash", path] + arguments, tool: "/bin/bash")
    }
}

/// A visible line for what cannot be tried here.
func skip(_ why: String) {
    FileHandle.standardError.write(Data("SKIPPED: \(why)\n".utf8))
}
