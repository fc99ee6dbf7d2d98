"""Negotiations of IKEv2, as `captures.py` has those of IKEv1: IKE_SA_INIT and IKE_AUTH, sealed as RFC 7296 has it.

No Diffie-Hellman is computed either: the key file has SK_d and what follows from it. AUTH is right, with the one PSK of
the key file.
"""

import pathlib
import struct
import sys

from captures import AES128, noise, prf, write_keys
from packets import Capture, address, chain

SA, KE, IDI, IDR, AUTH, NONCE, NOTIFY, TSI, TSR, SK = 33, 34, 35, 36, 39, 40, 41, 44, 45, 46
IKE_SA_INIT, IKE_AUTH = 34, 35
PSK = b"a key of the benchmark"
GROUP, GROUP_BYTES = 14, 256


def transform(kind, identifier, is_last, bits=None):
    attribute = struct.pack(">HH", 0x800E, bits) if bits else b""
    return struct.pack(">BBHBBH", 0 if is_last else 3, 0, 8 + len(attribute), kind, 0, identifier) + attribute


def association(protocol, spi, transforms):
    """`transforms` is a list of (type, number[, bits])."""
    body = struct.pack(">BBBB", 1, protocol, len(spi), len(transforms)) + spi
    for place, each in enumerate(transforms):
        body += transform(each[0], each[1], place + 1 == len(transforms), *each[2:])
    return struct.pack(">BBH", 0, 0, 4 + len(body)) + body


# AES-128-CBC, HMAC-SHA1, group 14.
OFFER = association(1, b"", [(1, 12, 128), (2, 2), (3, 2), (4, GROUP)])


def selector(net):
    return struct.pack(">BBHHH", 7, 0, 16, 0, 65535) + net + net[:3] + b"\xff"


class NegotiationV2:
    """IKE_SA_INIT and IKE_AUTH between two peers, with the first pair of ESP SAs."""

    def __init__(self, out, number):
        self.out, self.number = out, number
        self.west, self.east = 0x010000 + number, "198.51.100.1"
        self.spis = [self.noise("initiator SPI", 8), self.noise("responder SPI", 8)]

    def noise(self, what, length):
        return noise(f"IKEv2 {what} {self.number}", length)

    def send(self, side, exchange, first, body, message, answered=True):
        """Side 0 asks, side 1 answers; gives the message."""
        head = self.spis[0] + (self.spis[1] if answered else bytes(8))
        head += struct.pack(">BBBBII", first, 0x20, exchange, 0x20 if side else 0x08, message, 28 + len(body))
        ends = (self.east, self.west) if side else (self.west, self.east)
        self.out.udp(*ends, head + body)
        return head + body

    def seal(self, side, exchange, payloads, message):
        first, plain = chain(payloads)
        padding = -(len(plain) + 1) % 16
        plain += bytes(padding) + bytes((padding,))
        iv = self.noise(f"iv {side} {message}", 16)
        sealed = iv + AES128(self.encryption[side]).encrypt(iv, plain)
        body = struct.pack(">BBH", first, 0, 4 + len(sealed) + 12) + sealed
        head = b"".join(self.spis)
        head += struct.pack(
            ">BBBBII", SK, 0x20, exchange, 0x20 if side else 0x08, message, 28 + len(body) + 12)
        body += prf(self.integrity[side], head, body)[:12]
        return self.send(side, exchange, SK, body, message)

    def run(self):
        nonces = [self.noise("Ni", 32), self.noise("Nr", 32)]
        first = []
        for side in (0, 1):
            value = struct.pack(">HH", GROUP, 0) + self.noise(f"KE {side}", GROUP_BYTES)
            first.append(
                self.send(side, IKE_SA_INIT, *chain([(SA, OFFER), (KE, value), (NONCE, nonces[side])]), 0, side == 1))
        seed = prf(b"".join(nonces), self.noise("g^xy", GROUP_BYTES))
        material = block = b""
        counter = 0
        while len(material) < 20 + 2 * 20 + 2 * 16 + 2 * 20:
            counter += 1
            block = prf(seed, block, *nonces, *self.spis, bytes((counter,)))
            material += block
        cuts = [20, 20, 20, 16, 16, 20, 20]
        parts = [material[sum(cuts[:place]):sum(cuts[:place + 1])] for place in range(7)]
        self.d, self.integrity, self.encryption, self.proof = parts[0], parts[1:3], parts[3:5], parts[5:7]

        nets = [bytes((172, 16 * side + (self.number >> 8 & 15), self.number & 255, 0)) for side in (1, 2)]
        for side, host in ((0, self.west), (1, self.east)):
            identity = struct.pack(">BBH", 1, 0, 0) + address(host)
            octets = first[side] + nonces[1 - side] + prf(self.proof[side], identity)
            auth = struct.pack(">BBH", 2, 0, 0) + prf(prf(PSK, b"Key Pad for IKEv2"), octets)
            spi = struct.pack(">I", (0x10000000, 0x20000000)[side] + self.number)
            child = association(3, spi, [(1, 12, 128), (3, 2), (5, 0)])
            traffic = [(kind, struct.pack(">BBH", 1, 0, 0) + selector(net)) for kind, net in zip((TSI, TSR), nets)]
            self.seal(side, IKE_AUTH, [((IDI, IDR)[side], identity), (AUTH, auth), (SA, child)] + traffic, 1)

    def row(self):
        """Its keys, as a row of an `ikescope.keys/1` file."""
        names = ["sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr"]
        keys = self.integrity + self.encryption + self.proof
        return {
            "version": 2, "initiator_spi": self.spis[0].hex(), "responder_spi": self.spis[1].hex(),
            "sk_d": self.d.hex(), **{name: key.hex() for name, key in zip(names, keys)},
        }


def make(path, negotiations):
    """Writes the capture `path` and the key file beside it, whose path is returned."""
    out = Capture(path)
    made = [NegotiationV2(out, number) for number in range(negotiations)]
    for negotiation in made:
        negotiation.run()
    out.close()
    psk = {"peer": "*", "key": PSK.decode()}
    return write_keys(path, {"psk": [psk], "ike": [negotiation.row() for negotiation in made]})


if __name__ == "__main__":
    # ikev2.py CAPTURE NEGOTIATIONS: what the benchmark reads.
    make(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
