import Foundation
import Glibc

/// The program while it runs: what it has said so far, and signals to it.
final class RunningTool: @unchecked Sendable {
    private let process = Process()
    private let input: Pipe?
    private let lock = NSLock()
    private var said = Data()
    private var complained = Data()
    private let readers = DispatchGroup()

    /// `hasInput`: standard input is a pipe from the test, else it is empty.
    init(
        _ arguments: [String], environment: [String: String] = [:], tool: String = Tool.path, hasInput: Bool = false
    ) throws {
        // Whoever writes to a program that has ended must live on.
        signal(SIGPIPE, SIG_IGN)
        input = hasInput ? Pipe() : nil
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        var all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        all["TZ"] = all["TZ"] ?? "UTC"
        process.environment = all
        process.standardInput = input ?? FileHandle.nullDevice
        let output = Pipe()
        let complaints = Pipe()
        process.standardOutput = output
        process.standardError = complaints
        try process.run()
        gather(output.fileHandleForReading) { $0.said.append($1) }
        gather(complaints.fileHandleForReading) { $0.complained.append($1) }
    }

    private func gather(_ handle: FileHandle, _ take: @escaping @Sendable (RunningTool, Data) -> Void) {
        readers.enter()
        Thread {
            while case let part = handle.availableData, !part.isEmpty { self.lock.withLock { take(self, part) } }
            self.readers.leave()
        }.start()
    }

    var output: String { lock.withLock { String(decoding: said, as: UTF8.self) } }
    var complaints: String { lock.withLock { String(decoding: complained, as: UTF8.self) } }
    var isRunning: Bool { process.isRunning }
    var processID: Int32 { process.processIdentifier }

    func write(_ bytes: [UInt8]) {
        try? input?.fileHandleForWriting.write(contentsOf: Data(bytes))
    }

    func endInput() { try? input?.fileHandleForWriting.close() }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits until `condition` holds; false when it did not within `seconds`.
    func waits(_ seconds: Double = 20, for condition: (RunningTool) -> Bool) -> Bool {
        let deadline = Date() + seconds
        while !condition(self) {
            if Date() > deadline { return false }
            usleep(5000)
        }
        return true
    }

    /// Waits for the end; the status is negative for a signal.
    func end() -> Tool.Result {
        process.waitUntilExit()
        readers.wait()
        let status = process.terminationStatus
        return Tool.Result(
            status: process.terminationReason == .exit ? status : -status, output: output, complaints: complaints)
    }
}
