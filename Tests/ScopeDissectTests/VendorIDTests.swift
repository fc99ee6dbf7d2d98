import Foundation
import ScopeDissect
import TestSupport
import Testing

@Suite("Vendor ids") struct VendorIDTests {
    private struct Row {
        var name: String
        var hex: String
        var match: String
        var bytes: Int
    }

    private static func rows() -> [Row] {
        guard let file = Shared.path("reference/vendor-ids.tsv").flatMap(Shared.bytes) else { return [] }
        return String(decoding: file, as: UTF8.self).split(separator: "\n").dropFirst().map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Row(name: cells[0], hex: cells[1], match: cells[2], bytes: Int(cells[3]) ?? 0)
        }
    }

    @Test("of every row of the reference table are recognised by that row's name")
    func table() throws {
        let rows = Self.rows()
        for row in rows {
            let id = [UInt8](hex: row.hex)
            #expect(VendorID(matching: id)?.name == row.name, "\(row.hex)")
        }
    }

    @Test("that only begin with a prefix row, or hold a contained one, are that row's")
    func partial() throws {
        for row in Self.rows() where row.match != "exact" {
            let id = [UInt8](hex: row.hex)
            // Bytes that continue no other row.
            let longer = (row.match == "contains" ? [0xee, 0xdd] : []) + id + [0xee, 0xdd, 0xcc]
            #expect(VendorID(matching: longer)?.name == row.name, "\(row.hex)")
            #expect(VendorID(matching: Array(id.dropLast()))?.name != row.name)
        }
    }

    @Test("that nobody knows, and none at all, are unknown")
    func unknown() {
        #expect(VendorID(matching: [UInt8]()) == nil)
        #expect(VendorID(matching: [1, 2, 3, 4]) == nil)
        #expect(VendorID(matching: [UInt8](hex: "afcad71368a1f1c96b8696fc77")) == nil)
    }

    @Test("exact beats prefix: DPD version 1.0 and a later one")
    func longest() {
        #expect(VendorID(matching: [UInt8](hex: "afcad71368a1f1c96b8696fc77570100"))?.name == "DPD v1.0")
        #expect(VendorID(matching: [UInt8](hex: "afcad71368a1f1c96b8696fc77570200"))?.name == "DPD (any version)")
    }
}
