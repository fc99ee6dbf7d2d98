import ScopeModel
import ScopeSAD

extension IKEv2Peers {
    private static var mostLines: Int { 16 }

    /// Comments that say who speaks IKEv2, of the first pairs.
    func write(to sink: ByteSink) {
        let told = told
        for pair in told.prefix(Self.mostLines) {
            let count = Wording.count(pair.messages, "message")
            sink.text("! IKEv2 between \(pair.from) and \(pair.to), \(count): listed, not judged yet\n")
        }
        let rest = told.dropFirst(Self.mostLines).reduce(more) { $0 + $1.messages }
        if rest > 0 {
            sink.text("! IKEv2 between others, \(Wording.count(rest, "message")): listed, not judged yet\n")
        }
    }
}
