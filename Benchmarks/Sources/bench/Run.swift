import Foundation

/// What one run of a program took.
struct Run {
    var seconds: Double
    /// In user and system mode, of all threads.
    var processor: Double
    /// MB at the highest; the floor of what can be seen is what this program needs itself.
    var memory: Double
}

struct RunFailure: Error, CustomStringConvertible {
    var description: String
}

extension Run {
    /// Runs a program to its end, its output in a file.
    static func of(_ words: [String], output: String = "/dev/null") throws -> Run {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let complaints = output == "/dev/null" ? output : output + ".err"
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, complaints, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let started = ContinuousClock.now
        guard posix_spawnp(&process, words[0], &actions, nil, arguments, environ) == 0 else {
            throw RunFailure(description: "\(words[0]) cannot be started: Scripts/install-packages bench")
        }
        var status: CInt = 0
        var usage = rusage()
        guard wait4(process, &status, 0, &usage) == process else {
            throw RunFailure(description: "\(words[0]) went missing")
        }
        let time = ContinuousClock.now - started
        guard status == 0 else {
            let said = (try? String(contentsOfFile: complaints, encoding: .utf8)) ?? ""
            throw RunFailure(description: "\(words.joined(separator: " ")): status \(status >> 8)\n\(said)")
        }
        return Run(
            seconds: time / .seconds(1), processor: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            memory: Double(usage.ru_maxrss) / 1024)
    }

    /// What a program prints.
    static func text(_ words: [String], in folder: URL) throws -> String {
        let file = folder.appending(path: "words.txt").path
        _ = try of(words, output: file)
        return try String(contentsOfFile: file, encoding: .utf8)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
