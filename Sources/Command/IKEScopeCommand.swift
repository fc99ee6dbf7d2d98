import ArgumentParser
import Glibc

/// The program: which commands there are, and how it ends.
@main
struct IKEScopeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ikescope",
        abstract: "Reads IPsec captures and says what the two VPN peers said to each other.",
        version: "ikescope 0.1.0",
        subcommands: [
            DebugCommand.self, DiagnoseCommand.self, PacketsCommand.self, DecryptCommand.self, ShowCommand.self,
            KeysCommand.self,
            InterfacesCommand.self,
        ])

    /// Replaces ArgumentParser's own, which explains a wrong option in several lines.
    static func main() {
        StandardDescriptors.fill()
        Signals.ignoreClosedPipes()
        FaultHandler.watchOpening()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            end(failure)
        } catch {
            end(parserError: error)
        }
    }

    private static func end(_ failure: Failure) -> Never {
        if let line = failure.line { Complaint.say(line) }
        Glibc.exit(failure.status)
    }

    /// ArgumentParser reports help and version as errors, too.
    private static func end(parserError error: any Error) -> Never {
        guard exitCode(for: error) == .success else { end(usageFailure(error)) }
        do throws(Failure) {
            let output = try Output(.standardOutput)
            try output.write(Array((fullMessage(for: error) + "\n").utf8))
            try output.close()
        } catch {
            end(error)
        }
        Glibc.exit(0)
    }

    private static func usageFailure(_ error: any Error) -> Failure {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-") else {
            return Failure(UsageLine.make(message(for: error), for: "ikescope"), status: .usage)
        }
        guard names.contains(word) || word == "help" else {
            return Failure(UsageLine.make("unknown command '\(word)'", for: "ikescope"), status: .usage)
        }
        return Failure(UsageLine.make(message(for: error), for: "ikescope \(word)"), status: .usage)
    }
}
