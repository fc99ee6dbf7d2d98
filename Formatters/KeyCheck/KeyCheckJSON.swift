import ScopeModel
import ScopeWire

/// `keys check --format json`: `ikescope.keycheck/1`, one object a line.
public struct KeyCheckJSON: KeyCheckForm {
    /// What the lines are about, once key files have been told.
    private var capture: String?

    public init() {}

    private func line(_ kind: StaticString, _ sink: ByteSink, _ body: (inout JSONWriter) -> Void) {
        var json = JSONWriter(sink)
        json.object { json in
            json.word("schema", "ikescope.keycheck/1")
            json.word("kind", kind)
            if let capture { json.string("capture", capture) }
            body(&json)
        }
        sink.newline()
    }

    public func write(_ file: CheckedKeyFile, to sink: ByteSink) {
        line("key_file", sink) { json in
            json.string("path", file.path)
            json.string("format", file.format)
            json.list("counts") { list in
                for kind in file.kinds {
                    list.object { json in
                        json.string("of", kind.name)
                        json.number("count", kind.count)
                    }
                }
            }
            json.list("keys") { list in
                for item in file.items {
                    list.object { json in
                        json.string("place", item.place)
                        json.string("what", item.what)
                    }
                }
            }
            json.list("left_out") { list in
                for refusal in file.refused {
                    list.object { json in
                        json.number("line", refusal.line)
                        json.string("why", refusal.why)
                    }
                }
            }
            json.number("left_out_count", file.refusedCount)
            if !file.lacks.isEmpty { json.string("not_in_it", file.lacks) }
        }
    }

    public mutating func begin(capture path: String, to sink: ByteSink) {
        capture = path
        line("capture", sink) { _ in }
    }

    public func write(_ checked: CheckedIKESA, to sink: ByteSink) {
        let sa = checked.sa
        line("ike_sa", sink) { json in
            json.number("major_version", sa.version.rawValue)
            json.quoted("initiator_spi") { $0.hex(sa.initiatorSPI, digits: 16) }
            json.quoted("responder_spi") { $0.hex(sa.responderSPI, digits: 16) }
            json.address("initiator", sa.initiator.address)
            json.address("responder", sa.responder.address)
            switch checked.standing {
            case .told(let status):
                json.bool("encrypted", true)
                json.write(status)
            case .clear: json.bool("encrypted", false)
            case .notOpenedYet(let place):
                if let place { json.string("keys_at_hand", place) }
                json.write(KeyStatus.missing("IKEv2 cannot be opened yet"))
            }
        }
    }

    public func write(_ account: IPsecAccount, to sink: ByteSink) {
        ipsecSA(account.isAH, account.spi, sink) { json in
            json.address("src", account.source)
            json.address("dst", account.destination)
            json.number("packets", account.packets)
            json.number("verified", account.verified)
            json.number("unverified", account.unverified)
            json.write(account.keys)
        }
    }

    public func write(silent spi: UInt32, isAH: Bool, _ keys: KeyStatus, to sink: ByteSink) {
        ipsecSA(isAH, spi, sink) { json in
            json.number("packets", 0)
            json.write(keys)
        }
    }

    private func ipsecSA(_ isAH: Bool, _ spi: UInt32, _ sink: ByteSink, _ body: (inout JSONWriter) -> Void) {
        line("ipsec_sa", sink) { json in
            json.word("protocol", isAH ? "ah" : "esp")
            json.quoted("spi") { $0.spi(spi) }
            body(&json)
        }
    }

    public func write(unusedKey text: String, to sink: ByteSink) {
        line("unused_key", sink) { $0.string("text", text) }
    }

    /// The line of the capture has said that it was read.
    public func writeNothing(to sink: ByteSink) {}
}
