import ArgumentParser
import Glibc
import ScopeConfig

/// Running configurations that are compared with the capture.
struct ConfigOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A running configuration of a peer, repeatable; the output includes what it explains of the capture.",
            discussion: "Of IOS or IOS XE, as 'show running-config' prints it; keys in it are not used (see --keys).",
            valueName: "file"))
    var config: [String] = []

    /// Reads all files; reports, once for each, the lines that were not understood.
    func load(isQuiet: Bool) throws(Failure) -> [IOSConfig] {
        var configs: [IOSConfig] = []
        for path in config {
            do throws(ConfigError) { configs.append(try IOSConfig.load(path)) } catch {
                throw Failure(error, isForbidden: access(path, R_OK) != 0 && errno == EACCES)
            }
            if !isQuiet, !config[..<configs.index(before: configs.endIndex)].contains(path) {
                FileExposure.warn(of: path, .configuration)
            }
            guard !isQuiet, let config = configs.last, let first = config.unread.first else { continue }
            let more = config.unreadCount - 1
            let rest = more > 0 ? ", and \(more) line\(more == 1 ? " more is" : "s more are") not understood" : ""
            Complaint.say("warning: \(path) line \(first.number): '\(first.text)' \(first.why)\(rest)")
        }
        return configs
    }
}
