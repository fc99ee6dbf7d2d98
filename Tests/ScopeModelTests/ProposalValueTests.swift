import ScopeDissect
import ScopeModel
import ScopeWire
import Testing

@Suite("Values of proposals are compared as what they mean") struct ProposalValueTests {
    @Test("networks are compared by the addresses that they hold, not by how they are written")
    func sameNetworks() throws {
        func address(_ last: UInt32) -> IPAddress { IPAddress(v4: 0x0A01_0000 | last) }
        func network(_ form: ProposalTable.Network.Form) -> ProposalTable.Network { ProposalTable.Network(form) }
        let subnet = network(.identity(.subnet(address(0), mask: IPAddress(v4: 0xFFFF_FF00))))
        #expect(subnet == network(.identity(.range(address(0), address(255)))))
        #expect(subnet == network(.prefix(try #require(IPPrefix(address(0), length: 24)))))
        #expect(subnet != network(.identity(.range(address(0), address(254)))))
        #expect(subnet != network(.prefix(try #require(IPPrefix(address(0), length: 25)))))
        #expect(network(.identity(.address(address(7)))) == network(.identity(.range(address(7), address(7)))))
        // What names no addresses is what it is called.
        #expect(network(.group("NET")) == network(.group("NET")) && network(.group("NET")) != network(.group("LAN")))
        let v6 = IPAddress(v6high: 0x2001_0DB8_0000_0000, low: 0)
        let mask = IPAddress(v6high: .max, low: 0)
        #expect(
            network(.identity(.subnet(v6, mask: mask))) == network(.prefix(try #require(IPPrefix(v6, length: 64)))))
        #expect(
            network(.identity(.subnet(v6, mask: mask))) != network(.prefix(try #require(IPPrefix(v6, length: 65)))))
        #expect(network(.prefix(try #require(IPPrefix(v6, length: 0)))).text == "any")
    }
}
