import ScopeDissect
import TestSupport
import Testing

@testable import ScopeCrypto

@Suite("Diffie-Hellman groups") struct DiffieHellmanTests {
    @Test("give the public values and the shared secret that another implementation gives")
    func vectors() throws {
        let groups = KeyExchangeGroups()
        for vector in GroupVectors.all {
            let group = try #require(groups.group(vector.group), "group \(vector.group)")
            let exponents = vector.exponents.map { Secret(hex: $0) }
            let publics = try exponents.map { try group.publicValue(of: $0) }
            #expect(publics.allSatisfy { $0.count == KeyExchangeGroups.publicLength(vector.group) })
            #expect(
                try publics.map { hex(try Digest.sha256.hash([.bytes($0)])) } == vector.publics,
                "\(vector.group)")
            let mine = try group.shared(exponents[0], with: publics[1])
            let other = try group.shared(exponents[1], with: publics[0])
            #expect(mine.count == group.sharedLength && mine.equals(other))
            #expect(hex(try Digest.sha256.hash([.secret(mine)])) == vector.shared, "\(vector.group)")
        }
        // brainpoolP224r1 is the one that has no vector here.
        #expect(GroupVectors.all.map(\.group) + [27] == KeyExchangeGroups.numbers.filter { $0 != 27 }.sorted() + [27])
    }

    @Test("of 224 bits by Brainpool agree with themselves")
    func brainpool224() throws {
        let group = try #require(KeyExchangeGroups().group(27))
        let (a, b) = (Secret(hex: "0102030405060708"), Secret(hex: "1112131415161718"))
        let shared = try group.shared(a, with: group.publicValue(of: b))
        #expect(shared.equals(try group.shared(b, with: group.publicValue(of: a))) && shared.count == 28)
    }

    @Test("of 256 bits by RFC 5903 section 8.1")
    func ecp256() throws {
        let group = try #require(KeyExchangeGroups().group(19))
        let i = Secret(hex: "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433")
        let r = Secret(hex: "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53")
        #expect(
            hex(try group.publicValue(of: i))
                == "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
                + "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3")
        #expect(
            try group.shared(i, with: group.publicValue(of: r)).hex
                == "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de")
    }

    @Test(
        "refuse a public value of the wrong length, and a point that is not on the curve", arguments: [2, 14, 19, 31])
    func badPublic(number: UInt16) throws {
        let group = try #require(KeyExchangeGroups().group(number))
        let exponent = Secret(copying: [UInt8](repeating: 3, count: number == 31 ? 32 : 20))
        let long = [UInt8](repeating: 1, count: group.publicLength + 1)
        #expect(throws: CryptoError.self) { try group.shared(exponent, with: long) }
        if number == 19 {
            #expect(throws: CryptoError.self) {
                try group.shared(exponent, with: [UInt8](repeating: 1, count: group.publicLength))
            }
        }
    }

    @Test("keep leading zeros: values are as long as the prime")
    func leadingZeros() throws {
        let group = try #require(KeyExchangeGroups().group(2))
        let one = try group.publicValue(of: Secret(hex: "01"))
        #expect(one == [UInt8](repeating: 0, count: 127) + [2])
        #expect(try group.shared(Secret(hex: "03"), with: one).hex == hex([UInt8](repeating: 0, count: 127) + [8]))
    }

    @Test("computed ahead give what they give at once, and never another exchange's secret", arguments: [2, 19, 31])
    func ahead(number: UInt16) async throws {
        let group = try #require(KeyExchangeGroups().group(number))
        let exponents = (1...40).map { Secret(copying: [UInt8](repeating: UInt8($0), count: 32)) }
        let peer = try group.publicValue(of: exponents[39])
        let ahead = SharedAhead()
        let begun = exponents.map { ahead.begin($0, with: peer, group: number) }
        // The last ones are not begun yet: then there is nothing to wait for.
        for (exponent, exponentiation) in zip(exponents, begun).reversed() {
            let right = try group.shared(exponent, with: peer)
            if let made = exponentiation.result(of: exponent, with: peer, group: number) { #expect(made.equals(right)) }
        }
        var wasComputed = false
        for attempt in 1...50 where !wasComputed {
            let other = ahead.begin(exponents[0], with: peer, group: number)
            try await Task.sleep(for: .milliseconds(10 * attempt))
            wasComputed = other.result(of: exponents[0], with: peer, group: number) != nil
        }
        #expect(wasComputed)
        let foreign = ahead.begin(exponents[0], with: peer, group: number)
        try await Task.sleep(for: .milliseconds(20))
        #expect(foreign.result(of: exponents[1], with: peer, group: number) == nil)
    }

    @Test("computed ahead are given up with whoever asked for them")
    func aheadGivenUp() throws {
        let group = try #require(KeyExchangeGroups().group(18))
        let peer = try group.publicValue(of: Secret(hex: "05"))
        let exponent = Secret(copying: [UInt8](repeating: 0xff, count: 1024))
        let clock = ContinuousClock()
        let one = try clock.measure { _ = try group.shared(exponent, with: peer) }
        let begun = clock.measure {
            let ahead = SharedAhead()
            for _ in 1...100 { _ = ahead.begin(exponent, with: peer, group: 18) }
        }
        #expect(begun < one * 50)
    }

    @Test("unknown here are no group", arguments: [0, 3, 4, 6, 13, 33, 37, 999])
    func unknown(number: UInt16) {
        #expect(KeyExchangeGroups().group(number) == nil && KeyExchangeGroups.publicLength(number) == nil)
    }
}
