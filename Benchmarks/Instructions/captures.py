"""The captures that `Scripts/count-instructions` lets ikescope read: the same bytes each time, of any size, with their keys.

All is encrypted and sealed as RFC 2409, 2407 and 4303 have it. No Diffie-Hellman is computed: the public values are
noise, and so is g^xy, because the key file has SKEYID_d, _a and _e. AES comes from the libcrypto that ikescope links, so
Python needs no module of its own for it. Packets are laid out by the generator of the hostile captures.
"""

import ctypes
import ctypes.util
import hashlib
import hmac
import json
import os
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "Tests/Attack"))
from packets import HASH, ID, KE, MAIN, NONCE, QUICK, SA, Capture, address, association, chain, pairs, phase2, transform

# AES-128, SHA-1, group 2, pre-shared key, eight hours.
OFFER = association(1, b"", [transform(1, pairs((1, 7), (14, 128), (2, 2), (4, 2), (3, 1), (11, 1), (12, 28800)))])
GROUP_BYTES = 128
# Inner packets of these lengths by turns: what a terminal, a browser and a download send.
INNER_LENGTHS = [100, 576, 1400]


def noise(label, length):
    """Bytes that differ for each label, and are the same with every version of Python."""
    return hashlib.shake_128(label.encode()).digest(length)


def prf(key, *parts):
    return hmac.digest(key, b"".join(parts), "sha1")


class AES128:
    """AES-128-CBC without padding, of the system's libcrypto."""

    library = None

    def __init__(self, key):
        if AES128.library is None:
            name = ctypes.util.find_library("crypto")
            if name is None:
                raise OSError("libcrypto is absent")
            library = ctypes.CDLL(name)
            for function in ("EVP_CIPHER_CTX_new", "EVP_aes_128_cbc"):
                getattr(library, function).restype = ctypes.c_void_p
            AES128.library = library
        self.key = key
        self.context = ctypes.c_void_p(self.library.EVP_CIPHER_CTX_new())
        self.cipher = ctypes.c_void_p(self.library.EVP_aes_128_cbc())

    def encrypt(self, iv, text):
        out = ctypes.create_string_buffer(len(text) + 16)
        length = ctypes.c_int()
        done = self.library.EVP_EncryptInit_ex(self.context, self.cipher, None, self.key, iv)
        done &= self.library.EVP_CIPHER_CTX_set_padding(self.context, 0)
        done &= self.library.EVP_EncryptUpdate(self.context, out, ctypes.byref(length), text, len(text))
        if done != 1 or length.value != len(text):
            raise OSError("libcrypto does not encrypt")
        return out.raw[: length.value]


class ESP:
    """One SA, and the packets that its sender makes."""

    def __init__(self, out, ends, hosts, spi, encryption, integrity):
        self.out, self.ends, self.spi, self.integrity = out, ends, spi, integrity
        self.aes = AES128(encryption)
        self.inner_ends = b"".join(address(host) for host in hosts)
        self.sequence = 0

    def send(self, length):
        self.sequence += 1
        udp = struct.pack(">HHHH", 40000, 5001, length - 20, 0) + noise(f"data {length}", length - 28)
        head = struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0x4000, 63, 17, 0) + self.inner_ends
        padding = -(length + 2) % 16
        plain = head + udp + bytes(range(1, padding + 1)) + bytes((padding, 4))
        iv = noise(f"iv {self.spi} {self.sequence}", 16)
        packet = struct.pack(">II", self.spi, self.sequence) + iv + self.aes.encrypt(iv, plain)
        packet += prf(self.integrity, packet)[:12]
        self.out.ip(*self.ends, 50, packet)


class Negotiation:
    """Main Mode and Quick Mode between two peers; `sas` are what they agree on."""

    def __init__(self, out, number):
        self.out, self.number = out, number
        self.west, self.east = 0x010000 + number, "198.51.100.1"
        self.cookies = [self.noise("initiator cookie", 8), self.noise("responder cookie", 8)]

    def noise(self, what, length):
        return noise(f"{what} {self.number}", length)

    def send(self, from_west, exchange, payloads, message=0, flags=0, answered=True):
        ends = (self.west, self.east) if from_west else (self.east, self.west)
        initiator, responder = (int.from_bytes(cookie, "big") for cookie in self.cookies)
        self.out.ike(*ends, (initiator, responder if answered else 0), exchange, payloads, message, flags)

    def seal(self, iv, payloads):
        """What is sent, and its last block, which is the IV of the next message."""
        first, body = chain(payloads)
        sealed = self.aes.encrypt(iv, body + bytes(-len(body) % 16))
        return (first, sealed), sealed[-16:]

    def run(self):
        self.main_mode()
        return self.quick_mode()

    def main_mode(self):
        both = b"".join(self.cookies)
        ke = [self.noise("initiator KE", GROUP_BYTES), self.noise("responder KE", GROUP_BYTES)]
        nonces = [self.noise("initiator nonce", 20), self.noise("responder nonce", 20)]
        shared = self.noise("g^xy", GROUP_BYTES)
        self.skeyid = prf(b"psk", *nonces)
        self.d = prf(self.skeyid, shared, both, b"\0")
        self.a = prf(self.skeyid, self.d, shared, both, b"\1")
        self.e = prf(self.skeyid, self.a, shared, both, b"\2")
        self.aes = AES128(self.e[:16])
        iv = hashlib.sha1(b"".join(ke)).digest()[:16]

        self.send(True, MAIN, [(SA, OFFER)], answered=False)
        self.send(False, MAIN, [(SA, OFFER)])
        self.send(True, MAIN, [(KE, ke[0]), (NONCE, nonces[0])])
        self.send(False, MAIN, [(KE, ke[1]), (NONCE, nonces[1])])
        for side, host in ((0, self.west), (1, self.east)):
            identity = struct.pack(">BBH", 1, 17, 500) + address(host)
            own, other = self.cookies[side], self.cookies[1 - side]
            proof = prf(self.skeyid, ke[side], ke[1 - side], own, other, OFFER, identity)
            sealed, iv = self.seal(iv, [(ID, identity), (HASH, proof)])
            self.send(side == 0, MAIN, sealed, flags=1)
        self.iv = iv

    def quick_mode(self):
        message = int.from_bytes(self.noise("message ID", 4), "big") | 1
        label = struct.pack(">I", message)
        iv = hashlib.sha1(self.iv + label).digest()[:16]
        nonces = [self.noise("QM initiator nonce", 20), self.noise("QM responder nonce", 20)]
        spis = [0x10000000 + self.number, 0x20000000 + self.number]
        nets = [self.subnet(1), self.subnet(2)]
        identities = [(ID, struct.pack(">BBH", 4, 0, 0) + net + b"\xff\xff\xff\x00") for net in nets]
        for side in (0, 1):
            payloads = [(SA, phase2(spis[side])), (NONCE, nonces[side])] + identities
            proof = prf(self.a, label, b"" if side == 0 else nonces[0], chain(payloads)[1])
            sealed, iv = self.seal(iv, [(HASH, proof)] + payloads)
            self.send(side == 0, QUICK, sealed, message, flags=1)
        sealed, iv = self.seal(iv, [(HASH, prf(self.a, b"\0", label, *nonces))])
        self.send(True, QUICK, sealed, message, flags=1)

        hosts = [net[:3] + b"\x0a" for net in nets]
        return [
            self.sa((self.west, self.east), hosts, spis[1], nonces),
            self.sa((self.east, self.west), hosts[::-1], spis[0], nonces),
        ]

    def subnet(self, side):
        return bytes((172, 16 * side + (self.number >> 8 & 15), self.number & 255, 0))

    def sa(self, ends, hosts, spi, nonces):
        seed = b"\3" + struct.pack(">I", spi) + b"".join(nonces)
        material = block = b""
        while len(material) < 36:
            block = prf(self.d, block, seed)
            material += block
        hosts = [".".join(str(byte) for byte in host) for host in hosts]
        return ESP(self.out, ends, hosts, spi, material[:16], material[16:36])

    def row(self):
        """Its keys, as a row of an `ikescope.keys/1` file."""
        return {
            "initiator_spi": self.cookies[0].hex(), "responder_spi": self.cookies[1].hex(),
            "skeyid_d": self.d.hex(), "skeyid_a": self.a.hex(), "skeyid_e": self.e.hex(),
        }


def make(path, negotiations, packets):
    """Writes the capture `path` and the key file beside it, whose path is returned.

    `packets` of ESP follow, by turns in each direction of the first negotiation.
    """
    out = Capture(path)
    made = [Negotiation(out, number) for number in range(negotiations)]
    sas = [negotiation.run() for negotiation in made]
    for number in range(packets):
        sas[0][number % 2].send(INNER_LENGTHS[number // 2 % len(INNER_LENGTHS)])
    out.close()
    return write_keys(path, {"ike": [negotiation.row() for negotiation in made]})


def write_keys(path, members):
    """Writes the key file beside the capture `path`, for its owner alone, and returns its place."""
    keys = pathlib.Path(path).with_suffix(".keys.json")
    with open(os.open(keys, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"schema": "ikescope.keys/1", **members}, file)
    return keys
