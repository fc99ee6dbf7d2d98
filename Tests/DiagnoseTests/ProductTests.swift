import ScopeModel
import TestSupport
import Testing

@testable import ScopeDiagnose

@Suite("What is to be done is said in the words of the product that is to do it")
struct ProductTests {
    private func advice(_ path: String, _ id: FindingID) throws -> [Finding.Advice] {
        try #require(try Found(Shared.root + "/captures/" + path + ".pcap").first(id)).advice
    }

    @Test("of a product that its vendor ID names, with the address of its peer")
    func named() throws {
        let advice = try advice("failures/different-psk", .pskMismatchMain)
        let words = advice.filter { $0.text == "strongSwan, as its vendor ID says: swanctl.conf" }
        #expect(words.count == 2)
        let peers = Set(advice.compactMap(\.peer))
        for words in words {
            let other = try #require(peers.first { $0 != words.peer })
            #expect(words.ios.contains("secrets.ike-NAME.id-1 = \(other)"))
        }
        #expect(advice.first?.ios.first?.hasPrefix("crypto isakmp key") ?? false, "the words of IOS come first")
    }

    @Test(
        "the times of repeats suggest a product where they fit one alone",
        arguments: [
            (4, 47.5, "strongSwan"), (3, 24.2, "strongSwan"), (5, 15.5, "libreswan"), (4, 15, "Windows"),
            // IOS and racoon both wait ten seconds.
            (3, 30, nil), (2, 11.2, nil), (4, 40, nil),
        ] as [(Int, Double, String?)])
    func suggested(times: Int, seconds: Double, product: String?) {
        #expect(Recognition.product(repeating: times, over: Int64(seconds * 1e9))?.name == product)
    }

    @Test(
        "a product has no words for what it has no setting for, and none for a setting are empty",
        arguments: Setting.allCases)
    func settings(setting: Setting) {
        let told = Product.all.compactMap { $0.lines(for: setting, peer: "192.0.2.1") }
        #expect(told.count >= 5)
        for lines in told { #expect(!lines.isEmpty && lines.allSatisfy { !$0.isEmpty && !$0.contains("PEER") }) }
    }

    @Test("the page of the products has all of them")
    func page() throws {
        let page = String(
            decoding: try #require(Shared.bytes(Shared.root + "/docs/products.md")), as: UTF8.self)
        for product in Product.all {
            #expect(page.contains("## \(product.name)\n"))
            for setting in Setting.allCases {
                for line in product.lines(for: setting, peer: "PEER") ?? [] {
                    #expect(page.contains("    \(line)\n"), "\(line)")
                }
            }
        }
    }
}
