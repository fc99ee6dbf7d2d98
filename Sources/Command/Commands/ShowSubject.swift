import ArgumentParser
import ScopeFormatters

/// What `show` shows: the views of a capture's SAs, or the conditions that were given.
enum ShowSubject: String, CaseIterable, ExpressibleByArgument {
    case isakmpSA = "isakmp-sa"
    case ikev2SA = "ikev2-sa"
    case ikev2Session = "ikev2-session"
    case ipsecSA = "ipsec-sa"
    case session
    case condition

    /// The view of that name; nil for the conditions, of which a capture knows nothing.
    var view: ShowFormatter.Content? { ShowFormatter.Content(rawValue: rawValue) }
}
