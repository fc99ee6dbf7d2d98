import ScopeDissect
import ScopeModel
import ScopeWire

/// What a device finds out about NAT: by the hashes of both messages of IKE_SA_INIT, so far as they tell it at this tap.
extension IKEv2Lines {
    mutating func natDiscovery() {
        say("Checking NAT discovery")
        guard memory.nat.isFound else {
            say("NAT not found")
            return
        }
        if memory.nat.hides(local) { say("NAT INSIDE found") }
        if memory.nat.hides(local.other) { say("NAT OUTSIDE found") }
    }

    /// The ports that both sides go on with, as this device sees them.
    mutating func float(to initiator: UInt16, _ responder: UInt16) {
        memory.hasToldFloat = true
        line(
            "NAT detected float to init port ", .number(initiator), ", resp port ", .number(responder))
    }

    /// The hash of the sender's address is tested against the peer's address, the other one against the device's own.
    mutating func natNotifications(of request: PayloadChain? = nil, from sender: Role? = nil) {
        guard details.contains(.internal), memory.nat.isKnown else { return }
        say("Process NAT discovery notify", detail: .internal)
        say("Processing nat detect src notify", detail: .internal)
        let (isPeerHidden, isHidden) = (memory.nat.hides(local.other), memory.nat.hides(local))
        say(isPeerHidden ? "Remote address not matched" : "Remote address matched", detail: .internal)
        if isPeerHidden { say("Host is located NAT outside", detail: .internal) }
        say("Processing nat detect dst notify", detail: .internal)
        say(isHidden ? "Local address not matched" : "Local address matched", detail: .internal)
        if isHidden { say("Host is located NAT inside", detail: .internal) }
        if !isPeerHidden, !isHidden { say("No NAT found", detail: .internal) }
    }
}

extension IKEv2Memory.NATSides {
    var isFound: Bool { hidesInitiator || hidesResponder }
}
