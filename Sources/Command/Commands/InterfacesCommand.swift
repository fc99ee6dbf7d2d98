import ArgumentParser
import Glibc
import ScopeCapture
import ScopeModel
import ScopeWire

/// `ikescope interfaces`: the interfaces that `-i` may name.
struct InterfacesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interfaces", abstract: "List the interfaces that can be captured on.",
        discussion: "Name, state, addresses and description, one interface a line.")

    func run() throws {
        let found = try list()
        guard !found.isEmpty else {
            throw geteuid() == 0
                ? Failure("there is no interface to capture on", status: .noInput)
                : Failure(
                    "no interface can be captured on; run as root, or grant it: "
                        + "sudo setcap cap_net_raw+ep on this program",
                    status: .notPermitted)
        }
        let output = try Output(.standardOutput)
        let sink = ByteSink()
        InterfaceTable(found).write(to: sink)
        try output.drain(sink)
        try output.close()
    }

    private func list() throws(Failure) -> [NetworkInterface] {
        do throws(CaptureError) {
            return try Interfaces.list().filter(\.carriesIP)
        } catch {
            throw Failure(error)
        }
    }
}

extension NetworkInterface {
    /// libpcap also lists message buses, Bluetooth and the kernel's packet queues.
    fileprivate var carriesIP: Bool {
        !["bluetooth", "dbus-", "nflog", "nfqueue", "usbmon"].contains(where: name.hasPrefix)
    }
}

/// A table whose columns are as wide as their widest entries.
private struct InterfaceTable {
    private let rows: [[String]]

    init(_ interfaces: [NetworkInterface]) {
        rows = interfaces.map { interface in
            let addresses = interface.addresses.map(\.description).joined(separator: ", ")
            return [
                interface.name, Self.state(interface), addresses.isEmpty ? "-" : addresses,
                interface.description ?? (interface.isLoopback ? "loopback" : ""),
            ]
        }
    }

    private static func state(_ interface: NetworkInterface) -> String {
        switch (interface.isUp, interface.isRunning) {
        case (true, true): "up"
        case (true, false): "up, no carrier"
        case (false, _): "down"
        }
    }

    func write(to sink: ByteSink) {
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            for (column, text) in row.enumerated() where !row[column...].allSatisfy(\.isEmpty) {
                if column > 0 { sink.literal("  ") }
                sink.untrusted(text)
                let isLast = row[(column + 1)...].allSatisfy(\.isEmpty)
                if !isLast, column < widths.count {
                    sink.text(String(repeating: " ", count: widths[column] - text.count))
                }
            }
            sink.newline()
        }
    }
}
