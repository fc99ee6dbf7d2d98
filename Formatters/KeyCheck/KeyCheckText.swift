import ScopeModel
import ScopeWire

/// `keys check` as lines for people.
public struct KeyCheckText: KeyCheckForm {
    public init() {}

    public func write(_ file: CheckedKeyFile, to sink: ByteSink) {
        sink.untrusted(file.path)
        let kinds = file.kinds.map { "\($0.count) \($0.name)\($0.count == 1 ? "" : "s")" }
        sink.text(": \(file.format), \(kinds.isEmpty ? "no keys" : kinds.joined(separator: ", "))\n")
        for item in file.items {
            sink.literal("  ")
            sink.untrusted("\(item.place): \(item.what)")
            sink.newline()
        }
        for refusal in file.refused {
            sink.text("  line \(refusal.line): left out: ")
            sink.untrusted(refusal.why)
            sink.newline()
        }
        if file.refusedCount > file.refused.count {
            sink.text("  and \(file.refusedCount - file.refused.count) more left out\n")
        }
        if file.kinds.isEmpty {
            sink.text("  \(file.howToGetKeys)\n")
        } else if !file.lacks.isEmpty {
            sink.text("  not in it: \(file.lacks)\n")
        }
    }

    public func begin(capture path: String, to sink: ByteSink) {
        sink.untrusted(path)
        sink.newline()
    }

    public func write(_ checked: CheckedIKESA, to sink: ByteSink) {
        let sa = checked.sa
        sink.literal("  IKE SA ")
        sink.hex(sa.initiatorSPI, digits: 16)
        sink.literal(" ")
        sink.hex(sa.responderSPI, digits: 16)
        sink.text(", \(sa.initiator.address) - \(sa.responder.address): ")
        switch checked.standing {
        case .told(let status): tell(status, to: sink)
        case .clear: sink.literal("nothing in it is encrypted")
        }
        sink.newline()
    }

    public func write(_ account: IPsecAccount, to sink: ByteSink) {
        head(isAH: account.isAH, account.spi, to: sink)
        sink.text(
            ", \(account.source) > \(account.destination), \(account.packets) packet\(account.packets == 1 ? "" : "s"): "
        )
        tell(account.keys, to: sink)
        if case .opened = account.keys {
            let open = account.verified + account.unverified
            if open < account.packets { sink.text(" (\(open) of them)") }
            if account.unverified > 0 { sink.text(", and \(account.unverified) not verified") }
        }
        sink.newline()
    }

    public func write(silent spi: UInt32, isAH: Bool, _ keys: KeyStatus, to sink: ByteSink) {
        head(isAH: isAH, spi, to: sink)
        sink.literal(", no packets: ")
        if case .opened(let names) = keys {
            sink.literal("its keys follow from ")
            sink.untrusted(names.description)
        } else {
            tell(keys, to: sink)
        }
        sink.newline()
    }

    public func write(unusedKey line: String, to sink: ByteSink) {
        sink.literal("  not used: ")
        sink.untrusted(line)
        sink.newline()
    }

    public func writeNothing(to sink: ByteSink) { sink.literal("  no IKE SA, and no ESP or AH\n") }

    private func tell(_ status: KeyStatus, to sink: ByteSink) {
        switch status {
        case .none: sink.literal("closed: no keys were given")
        case .opened(let names):
            sink.literal("opened by ")
            sink.untrusted(names.description)
        case .missing(let why, _), .wrong(let why):
            sink.literal("closed: ")
            sink.untrusted(why)
        }
    }

    private func head(isAH: Bool, _ spi: UInt32, to sink: ByteSink) {
        sink.text(isAH ? "  AH SA 0x" : "  ESP SA 0x")
        sink.hex(UInt64(spi), digits: 8)
    }
}
