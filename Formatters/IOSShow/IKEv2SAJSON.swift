import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// The member `ikev2` of an IKE SA: what its messages tell beside where it stands.
extension JSONWriter {
    mutating func write(_ traits: IKEv2Traits, of local: Role) {
        let (own, peer) = (traits.side(local), traits.side(local.other))
        writeObject("ikev2") { json in
            json.writeObject("local") { $0.write(own) }
            json.writeObject("remote") { $0.write(peer) }
            if let value = traits.hasFragmentation { json.writeBool("fragmentation", value) }
            json.writeBool("ppk", traits.usesPPK)
            if let address = traits.pushed { json.writeAddress("pushed_address", address) }
            guard let refusal = traits.refusal else { return }
            json.writeObject("ended") { json in
                json.writeNumber("notify", refusal.type.rawValue)
                if let name = refusal.type.name { json.writeString("notify_name", name) }
                json.writeNumber("frame", refusal.frame)
            }
        }
    }

    private mutating func write(_ side: IKEv2Traits.Side) {
        if let number = side.nextMessageID { writeNumber("next_message_id", number) }
        if let window = side.window { writeNumber("window", window) }
        if side.method != nil || side.usesEAP { writeString("authentication", IKEv2Words.authentication(side)) }
        writeBool("nat", side.isBehindNAT)
    }
}
