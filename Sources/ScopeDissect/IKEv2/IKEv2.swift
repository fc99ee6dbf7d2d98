/// The payloads and numbers of IKEv2 (RFC 7296 and what extends it).
///
/// IKEv1 has numbers of its own under the same names, so those of IKEv2 are nested in here.
public enum IKEv2 {}
