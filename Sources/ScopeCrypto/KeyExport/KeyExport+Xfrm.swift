import ScopeModel

extension KeyExport {
    /// The SAs as `ip xfrm state` shows them; `leftOut` says what Linux has no name for.
    public func xfrmState() -> (text: SecretSink, leftOut: [String]) {
        let sink = SecretSink()
        var leftOut: [String] = []
        for sa in sas {
            let spi = "0x" + Hex.spell(UInt64(sa.spi), digits: 8)
            let cipher = sa.suite.usesImplicitIV ? nil : KernelNames.words(sa.suite.encryption)
            let mac = KernelNames.words(sa.suite.integrity)
            guard let source = sa.source, let destination = sa.destination, sa.isAH || cipher != nil,
                mac != nil || sa.suite.integrity == .none
            else {
                leftOut.append("\(sa.isAH ? "AH" : "ESP") SA \(spi): Linux has no name for its algorithms")
                continue
            }
            sink.text("src \(source) dst \(destination)\n\tproto \(sa.isAH ? "ah" : "esp") spi \(spi)")
            if let mode = sa.encapsulation.flatMap(Self.mode) { sink.text(" mode \(mode)") }
            sink.text("\n\treplay-window 0\(sa.suite.usesESN ? " flag esn" : "")\n")
            if let mac {
                sink.text("\tauth-trunc \(mac.name) 0x")
                sink.hex(sa.integrityKey)
                sink.text(" \(mac.bits)\n")
            }
            if !sa.isAH, let cipher {
                sink.text("\t\(cipher.keyword) \(cipher.name) ")
                if sa.encryptionKey.count > 0 {
                    sink.text("0x")
                    sink.hex(sa.encryptionKey)
                }
                sink.text(cipher.bits.map { " \($0)\n" } ?? "\n")
            }
        }
        return (sink, leftOut)
    }

    private static func mode(_ encapsulation: Encapsulation) -> String? {
        encapsulation.isTunnel ? "tunnel" : encapsulation.isTransport ? "transport" : nil
    }
}
