import ArgumentParser
import ScopeCapture
import ScopeModel
import ScopeWire

/// The device whose lines are printed.
struct ViewOption: ParsableArguments {
    enum Choice {
        case auto, initiator, responder, both
        case address(IPAddress)

        init(parsing argument: String) throws {
            switch argument {
            case "auto": self = .auto
            case "initiator": self = .initiator
            case "responder": self = .responder
            case "both": self = .both
            default:
                guard let address = IPAddress(argument) else {
                    throw ValidationError("expected auto, initiator, responder, both or an address")
                }
                self = .address(address)
            }
        }
    }

    @Option(
        help: ArgumentHelp(
            "Whose debug is printed: auto, initiator, responder, both or the address of a device.",
            discussion: """
                auto, the default, is this device on an interface, else the initiator of each IKE SA. With both, each \
                line is led by the address of its device.
                """,
            valueName: "device"),
        transform: Choice.init(parsing:))
    var view = Choice.auto

    func view(of input: Configuration.Input) -> View {
        switch (view, input) {
        case (.initiator, _): .initiator
        case (.responder, _): .responder
        case (.both, _): .both
        case (.address(let address), _): .address(address)
        case (.auto, .files): .automatic
        case (.auto, .interface(let name)): .local(Self.addresses(of: name))
        }
    }

    /// The addresses of this device on the interface; all of them for "any".
    private static func addresses(of name: String) -> [IPAddress] {
        guard let all = try? Interfaces.list() else { return [] }
        let own = all.filter { $0.name == name }.flatMap(\.addresses)
        return name == "any" ? all.flatMap(\.addresses) : own
    }
}
