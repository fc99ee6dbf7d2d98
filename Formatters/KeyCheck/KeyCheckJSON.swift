import ScopeModel
import ScopeWire

/// `keys check --format json`: `ikescope.keycheck/1`, one object a line.
public struct KeyCheckJSON: KeyCheckForm {
    /// What the lines are about, once key files have been told.
    private var capture: String?

    public init() {}

    private func line(_ kind: StaticString, _ sink: ByteSink, _ body: (inout JSONWriter) -> Void) {
        var json = JSONWriter(sink)
        json.writeObject { json in
            json.writeWord("schema", "ikescope.keycheck/1")
            json.writeWord("kind", kind)
            if let capture { json.writeString("capture", capture) }
            body(&json)
        }
        sink.newline()
    }

    public func write(_ file: CheckedKeyFile, to sink: ByteSink) {
        line("key_file", sink) { json in
            json.writeString("path", file.path)
            json.writeString("format", file.format)
            json.writeList("counts") { list in
                for kind in file.kinds {
                    list.writeObject { json in
                        json.writeString("of", kind.name)
                        json.writeNumber("count", kind.count)
                    }
                }
            }
            json.writeList("keys") { list in
                for item in file.items {
                    list.writeObject { json in
                        json.writeString("place", item.place)
                        json.writeString("what", item.what)
                    }
                }
            }
            json.writeList("left_out") { list in
                for refusal in file.refused {
                    list.writeObject { json in
                        json.writeNumber("line", refusal.line)
                        json.writeString("why", refusal.why)
                    }
                }
            }
            json.writeNumber("left_out_count", file.refusedCount)
            if !file.lacks.isEmpty { json.writeString("not_in_it", file.lacks) }
        }
    }

    public mutating func begin(capture path: String, to sink: ByteSink) {
        capture = path
        line("capture", sink) { _ in }
    }

    public func write(_ checked: CheckedIKESA, to sink: ByteSink) {
        let sa = checked.sa
        line("ike_sa", sink) { json in
            json.writeNumber("major_version", sa.version.rawValue)
            json.writeQuoted("initiator_spi") { $0.hex(sa.initiatorSPI, digits: 16) }
            json.writeQuoted("responder_spi") { $0.hex(sa.responderSPI, digits: 16) }
            json.writeAddress("initiator", sa.initiator.address)
            json.writeAddress("responder", sa.responder.address)
            switch checked.standing {
            case .told(let status):
                json.writeBool("encrypted", true)
                json.write(status)
            case .clear: json.writeBool("encrypted", false)
            }
        }
    }

    public func write(_ account: IPsecAccount, to sink: ByteSink) {
        ipsecSA(account.isAH, account.spi, sink) { json in
            json.writeAddress("src", account.source)
            json.writeAddress("dst", account.destination)
            json.writeNumber("packets", account.packets)
            json.writeNumber("verified", account.verified)
            json.writeNumber("unverified", account.unverified)
            json.write(account.keys)
        }
    }

    public func write(silent spi: UInt32, isAH: Bool, _ keys: KeyStatus, to sink: ByteSink) {
        ipsecSA(isAH, spi, sink) { json in
            json.writeNumber("packets", 0)
            json.write(keys)
        }
    }

    private func ipsecSA(_ isAH: Bool, _ spi: UInt32, _ sink: ByteSink, _ body: (inout JSONWriter) -> Void) {
        line("ipsec_sa", sink) { json in
            json.writeWord("protocol", isAH ? "ah" : "esp")
            json.writeQuoted("spi") { $0.spi(spi) }
            body(&json)
        }
    }

    public func write(unusedKey text: String, to sink: ByteSink) {
        line("unused_key", sink) { $0.writeString("text", text) }
    }

    /// The line of the capture has said that it was read.
    public func writeNothing(to sink: ByteSink) {}
}
