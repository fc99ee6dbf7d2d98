import ScopeSAD

extension ChildRecord {
    /// Why it is not proved; nil where it is.
    var doubt: StaticString? {
        switch trust {
        case .proved: nil
        case .probable: pair == nil ? "only its packets show it" : "only packets show it, and a Quick Mode in the clear"
        case .claimed: "only a Quick Mode in the clear mentions it"
        }
    }
}
