import ArgumentParser

@main
struct IKEScopeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ikescope", abstract: "Reads IPsec captures and says what the two VPN peers said to each other.",
        version: "0.1.0")
}
