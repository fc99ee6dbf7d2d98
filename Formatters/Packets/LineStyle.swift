import ScopeModel

/// How a line is coloured, where colours are wanted.
enum LineStyle {
    case plain
    /// IKE messages: what a list of packets is read for.
    case bold
    /// What was seen before, or says little.
    case dim
    /// What is wrong or missing.
    case warning

    func begin(_ sink: ByteSink, _ hasColor: Bool) {
        guard hasColor else { return }
        switch self {
        case .plain: break
        case .bold: sink.literal("\u{1b}[1m")
        case .dim: sink.literal("\u{1b}[2m")
        case .warning: sink.literal("\u{1b}[33m")
        }
    }

    func end(_ sink: ByteSink, _ hasColor: Bool) {
        guard hasColor, self != .plain else { return }
        sink.literal("\u{1b}[0m")
    }
}
