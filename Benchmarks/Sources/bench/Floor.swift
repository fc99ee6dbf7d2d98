import ArgumentParser
import Floors
import Foundation

/// What the work takes when nothing is around it.
enum Floor {
    /// Inner packet sizes of the generator and how often each comes.
    private static let innerSizes = [100: 5, 576: 3, 1400: 4]

    /// Seconds that OpenSSL takes on one core to decrypt and to authenticate `count` ESP packets of the generator's sizes
    /// (AES-128-CBC, HMAC-SHA1).
    static func openssl(packets count: Int, _ folder: URL) throws -> Double {
        let weights = Double(innerSizes.values.reduce(0, +))
        return try innerSizes.reduce(0) { total, size in
            let sealed = (size.key + 2 + 15) / 16 * 16
            let share = Double(count) * Double(size.value) / weights
            let decrypt = try speed(["-evp", "aes-128-cbc", "-decrypt"], bytes: sealed, folder)
            let verify = try speed(["-hmac", "sha1"], bytes: 8 + 16 + sealed, folder)
            return total + share * (Double(sealed) / decrypt + Double(8 + 16 + sealed) / verify)
        }
    }

    /// Bytes per second of `openssl speed` in one thread.
    private static func speed(_ algorithm: [String], bytes: Int, _ folder: URL) throws -> Double {
        let told = try Run.text(
            ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", "\(bytes)"] + algorithm, in: folder)
        let line = told.split(separator: "\n").last { $0.hasPrefix("+F:") }
        guard let rate = line?.split(separator: ":").last.flatMap({ Double($0) }), rate > 0 else {
            throw RunFailure(description: "openssl speed says no rate: \(told)")
        }
        return rate
    }

    /// This program once more, for a floor in C: what is measured is a process of its own.
    static func own(_ words: String...) -> [String] { ["/proc/self/exe"] + words }
}

struct PcapLoop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pcaploop", abstract: "Goes through a capture with libpcap alone.", shouldDisplay: false)

    @Argument var capture: String

    func run() throws { if libpcap_alone(capture) != 0 { throw ExitCode.failure } }
}

struct Exponentiations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modexp", abstract: "Modular exponentiations in a MODP group, and nothing else.",
        shouldDisplay: false)

    @Argument(help: "2 or 14.") var group: Int32
    @Argument(help: "Bits of an exponent.") var bits: Int32
    @Argument(help: "How many.") var count: Int

    func run() throws { if modular_exponentiations(group, bits, count) != 0 { throw ExitCode.failure } }
}
