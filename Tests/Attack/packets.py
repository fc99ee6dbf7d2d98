"""Bytes of hostile captures: raw IP in a pcap file, ISAKMP messages whole and in the clear."""

import itertools
import struct

LINKTYPE_RAW = 101
WEST, EAST = "192.0.2.1", "198.51.100.1"
MAIN, AGGRESSIVE, INFORMATIONAL, QUICK = 2, 4, 5, 32
SA, ID, KE, NONCE, HASH, NOTIFY, DELETE, VENDOR, FRAGMENT = 1, 5, 4, 10, 8, 11, 12, 13, 132
# Of IKEv2: exchanges, payloads, and the flags of a request of the initiator's and of an answer to it.
IKE_SA_INIT, IKE_AUTH, CREATE_CHILD_SA, INFORMATIONAL_2 = 34, 35, 36, 37
SA_2, KE_2, CERT_2, NONCE_2, NOTIFY_2, DELETE_2, VENDOR_2, SK, SKF = 33, 34, 37, 40, 41, 42, 43, 46, 53
ASKS, ANSWERS = 0x08, 0x20


def address(value):
    """4 bytes of a dotted quad, or of a number in 10.0.0.0/8."""
    if isinstance(value, int):
        return struct.pack(">I", 0x0A000000 + value % 0x1000000)
    return bytes(int(part) for part in value.split("."))


class Capture:
    """A pcap file; each packet comes 0.1 ms after the one before."""

    def __init__(self, path):
        self.file = open(path, "wb", buffering=1 << 20)
        self.count = 0
        self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, LINKTYPE_RAW))

    def close(self):
        self.file.close()

    def ip(self, source, target, protocol, payload, identification=0, fragment=0, ttl=64):
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), identification, fragment, ttl, protocol, 0)
        head += address(source) + address(target)
        total = sum(struct.unpack(">10H", head))
        total = (total & 0xFFFF) + (total >> 16)
        total = (total & 0xFFFF) + (total >> 16)
        packet = head[:10] + struct.pack(">H", ~total & 0xFFFF) + head[12:] + payload
        micro = self.count * 100
        self.file.write(struct.pack("<IIII", 1700000000 + micro // 1000000, micro % 1000000, len(packet), len(packet)))
        self.file.write(packet)
        self.count += 1

    def udp(self, source, target, payload, ports=(500, 500)):
        self.ip(source, target, 17, struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload)

    def tcp(self, source, target, sequence, payload, flags=0x18):
        head = struct.pack(">HHIIBBHHH", 40000, 4500, sequence & 0xFFFFFFFF, 0, 0x50, flags, 65535, 0, 0)
        self.ip(source, target, 6, head + payload)

    def esp(self, source, target, spi, sequence, length=40):
        # What no cipher would leave readable, and what is the same each time.
        body = bytes((spi * 31 + sequence * 17 + index * 101) & 255 for index in range(length))
        self.ip(source, target, 50, struct.pack(">II", spi & 0xFFFFFFFF, sequence & 0xFFFFFFFF) + body)

    def ike(self, source, target, cookies, exchange, payloads, message=0, flags=0, ports=(500, 500), version=0x10):
        """`payloads` is a list of (type, body), or bytes where they are encrypted or made before."""
        first, body = payloads if isinstance(payloads, tuple) else chain(payloads)
        head = struct.pack(
            ">QQBBBBII", cookies[0], cookies[1], first, version, exchange, flags, message, 28 + len(body))
        self.udp(source, target, head + body, ports)

    def begun(self, source, cookie):
        """Main Mode messages 1 and 2 of a negotiation of `source` with EAST."""
        self.ike(source, EAST, (cookie, 0), MAIN, [(SA, PHASE1)])
        self.ike(EAST, source, (cookie, 2), MAIN, [(SA, PHASE1)])

    def ike2(self, source, target, spis, exchange, payloads, message=0, flags=ASKS, ports=(500, 500)):
        self.ike(source, target, spis, exchange, payloads, message, flags, ports, version=0x20)

    def begun2(self, source, spi):
        """IKE_SA_INIT of `source` with EAST."""
        self.ike2(source, EAST, (spi, 0), IKE_SA_INIT, initial(spi))
        self.ike2(EAST, source, (spi, 2), IKE_SA_INIT, initial(spi + 1), flags=ANSWERS)


def chain(payloads):
    out = b""
    followers = [kind for kind, _ in payloads[1:]] + [0]
    for follower, (_, body) in zip(followers, payloads):
        out += struct.pack(">BBH", follower, 0, 4 + len(body)) + body
    return (payloads[0][0] if payloads else 0), out


def short(kind, value):
    return struct.pack(">HH", 0x8000 | kind, value)


def transform(identifier, attributes, number=1, follower=0):
    return struct.pack(">BBHBBH", follower, 0, 8 + len(attributes), number, identifier, 0) + attributes


def proposal(protocol, spi, transforms):
    body = struct.pack(">BBBB", 1, protocol, len(spi), len(transforms)) + spi + b"".join(transforms)
    return struct.pack(">BBH", 0, 0, 4 + len(body)) + body


def association(protocol, spi, transforms):
    return struct.pack(">II", 1, 1) + proposal(protocol, spi, transforms)


def pairs(*values):
    return b"".join(short(kind, value) for kind, value in values)


# AES-256, SHA-1, group 2, pre-shared key, a day.
PHASE1 = association(1, b"", [transform(1, pairs((1, 7), (14, 256), (2, 2), (4, 2), (3, 1), (11, 1), (12, 28800)))])

# AES-CBC-256, HMAC-SHA2-256-128, PRF-HMAC-SHA2-256, group 14.
PROPOSAL_2 = proposal(1, b"", [
    struct.pack(">BBHBBHHH", 3, 0, 12, 1, 0, 12, 0x800E, 256),
    struct.pack(">BBHBBH", 3, 0, 8, 3, 0, 12),
    struct.pack(">BBHBBH", 3, 0, 8, 2, 0, 5),
    struct.pack(">BBHBBH", 0, 0, 8, 4, 0, 14),
])


def initial(seed):
    """SA, KE and nonce of IKE_SA_INIT."""
    return [(SA_2, PROPOSAL_2), (KE_2, struct.pack(">HH", 14, 0) + pattern(256, seed)), (NONCE_2, pattern(32, seed))]


def notification2(kind, data=b""):
    return struct.pack(">BBH", 0, 0, kind) + data


def phase2(spi):
    return association(3, struct.pack(">I", spi), [transform(12, pairs((4, 1), (5, 2), (6, 128), (1, 1), (2, 3600)))])


def subnet(number):
    return struct.pack(">BBH", 4, 0, 0) + address(number * 256) + b"\xff\xff\xff\x00"


def notification(kind, data=b"", spi=b""):
    return struct.pack(">IBBH", 1, 1, len(spi), kind) + spi + data


def pattern(length, seed):
    """Bytes that are others for each seed."""
    step = struct.pack(">QQ", seed * 0x9E3779B97F4A7C15 % (1 << 64), seed)
    return b"".join(itertools.repeat(step, length // 16 + 1))[:length]
