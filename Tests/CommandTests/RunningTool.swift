import Foundation
import Glibc
import TestSupport
import Testing

/// The program while it runs: what it has said so far, and signals to it.
final class RunningTool: @unchecked Sendable {
    private let process: ChildProcess
    private let lock = NSLock()
    private var said = Data()
    private var complained = Data()
    private let readers = DispatchGroup()
    /// Faults that a test does not make on purpose are found in every run, whatever else it looks at.
    private let mayFault: Bool

    /// `hasInput`: standard input is a pipe from the test, else it is empty.
    init(
        _ arguments: [String], environment: [String: String] = [:], tool: String = Tool.path, hasInput: Bool = false
    ) throws {
        mayFault = environment["IKESCOPE_TRAP"] != nil || arguments.contains { $0.contains("IKESCOPE_TRAP") }
        // Whoever writes to a program that has ended must live on.
        signal(SIGPIPE, SIG_IGN)
        var all = ProcessInfo.processInfo.environment
        // SwiftPM sets it for the tests themselves.
        all["NO_COLOR"] = nil
        all.merge(environment) { $1 }
        all["TZ"] = all["TZ"] ?? "UTC"
        process = try ChildProcess(
            [tool] + arguments, environment: all, input: hasInput ? .pipe : .empty, errors: .pipe)
        gather(process.output) { $0.said.append($1) }
        if let errors = process.errors { gather(errors) { $0.complained.append($1) } }
    }

    private func gather(_ descriptor: Int32, _ take: @escaping @Sendable (RunningTool, Data) -> Void) {
        readers.enter()
        Thread {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            while case let part = handle.availableData, !part.isEmpty { self.lock.withLock { take(self, part) } }
            self.readers.leave()
        }.start()
    }

    var output: String { lock.withLock { String(decoding: said, as: UTF8.self) } }
    var complaints: String { lock.withLock { String(decoding: complained, as: UTF8.self) } }
    var isRunning: Bool { process.isRunning }
    var processID: Int32 { process.processID }

    func write(_ bytes: [UInt8]) {
        guard let input = process.input else { return }
        try? FileHandle(fileDescriptor: input, closeOnDealloc: false).write(contentsOf: Data(bytes))
    }

    func endInput() { if let input = process.input { close(input) } }

    func send(_ signal: Int32) { kill(process.processID, signal) }

    /// Waits until `condition` holds; false when it did not within `seconds`.
    func waits(_ seconds: Double = 20, for condition: (RunningTool) -> Bool) -> Bool {
        let deadline = Date() + seconds
        while !condition(self) {
            if Date() > deadline { return false }
            usleep(5000)
        }
        return true
    }

    /// Waits for the end, but not for ever; the status is negative for a signal.
    func end() -> Tool.Result {
        if !waits(60, for: { !$0.isRunning }) { send(SIGKILL) }
        let status = process.wait()
        readers.wait()
        if !mayFault, let fault = complaints.split(separator: "\n").first(where: { $0.contains("internal fault") }) {
            Issue.record("\(fault)")
        }
        return Tool.Result(status: status, output: output, complaints: complaints)
    }
}
