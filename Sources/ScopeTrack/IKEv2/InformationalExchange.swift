import ScopeDissect
import ScopeModel

/// INFORMATIONAL from the outside (RFC 7296 section 1.4, RFC 4555, RFC 5685): what its request is for.
///
///     { D } ▶                        ◀ { D }    the SAs of the other direction, or nothing
///     { } ▶                          ◀ { }      whether the peer lives
///     { N(UPDATE_SA_ADDRESSES) } ▶   ◀ { }      the SA moves to where the request came from
extension IKEv2Follower {
    static func purpose(ofInformational chain: PayloadChain) -> IKEv2Purpose {
        let deletes = chain.deletes
        if deletes.contains(where: { $0.protocolID == .ike }) { return .deletedIKE }
        if !deletes.isEmpty { return .deletedChildren }
        if chain.has(.updateSAAddresses) { return .addresses }
        if chain.has(.redirect) { return .redirect }
        return chain.payloads.isEmpty ? .liveness : .notice
    }

    /// Whether an SA is where this message came from.
    ///
    /// With MOBIKE a peer tries other paths before it moves; without, it is where its last message came from, as a NAT may
    /// have changed its address (RFC 7296 section 2.23).
    func moves(_ opened: OpenedMessage, _ state: IKESAState) -> Bool {
        guard known.hasMOBIKE, state.sa.isUp else { return true }
        return opened.isResponse ? opened.exchange.purpose == .addresses : opened.chain.has(.updateSAAddresses)
    }
}
