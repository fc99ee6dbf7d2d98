import ScopeModel
import ScopeWire
import Testing

@testable import ScopeFormatters

@Suite("A device numbers its IKE SAs of IKEv2")
struct IKEv2NumberTests {
    private static let here = IPAddress(v4: 0xc000_020a)

    private static func peer(_ number: Int) -> IPAddress { IPAddress(v4: 0xc633_6400 + UInt32(number)) }

    @Test("sessions count the peers, slots the SAs that there are at once")
    func numbers() {
        var numbering = DeviceNumbering()
        #expect(numbering.give(1, Self.here, Self.peer(1)) == DeviceNumbers(session: 1, sa: 1))
        #expect(numbering.give(2, Self.peer(1), Self.here) == DeviceNumbers(session: 1, sa: 2))
        #expect(numbering.give(3, Self.here, Self.peer(2)) == DeviceNumbers(session: 2, sa: 3))
        numbering.release(1)
        #expect(numbering.give(4, Self.here, Self.peer(1)) == DeviceNumbers(session: 1, sa: 1))
        #expect(numbering.give(5, Self.here, Self.peer(3)) == DeviceNumbers(session: 3, sa: 4))
    }

    @Test("slots are found however many SAs never end")
    func many() {
        var numbering = DeviceNumbering()
        var highest = 0
        for id in 1...20_000 { highest = max(highest, numbering.give(id, Self.here, Self.peer(id % 200)).sa) }
        #expect(highest <= 4097)
        numbering.release(20_000)
        #expect(numbering.give(20_001, Self.here, Self.peer(1)).sa <= 4097)
    }
}
