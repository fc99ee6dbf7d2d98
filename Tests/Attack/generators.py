"""What a peer, or anybody on the way, can send to make a program slow or large: each of any size."""

import struct

from packets import *

GENERATORS = {}


def generator(start, most):
    """`start`: a size that takes some milliseconds; `most`: one of a hundred megabytes or a million packets."""

    def keep(make):
        GENERATORS[make.__name__] = (make, start, most)
        return make

    return keep


# ESP


@generator(500, 1_000_000)
def one_spi_many_sources(out, n):
    for i in range(n):
        out.esp(i, EAST, 0xABCDEF01, i + 1)


# Between 16 000 and 64 000 the table of accounts fills up: a step, which is no growth.
@generator(500, 500_000)
def one_spi_many_pairs(out, n):
    for i in range(n):
        out.esp(i, f"203.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", 0xABCDEF01, 1)


@generator(500, 1_000_000)
def one_spi_to_a_group(out, n):
    for i in range(n):
        out.esp(i, "239.1.1.1", 0xABCDEF01, 1)


@generator(500, 1_000_000)
def many_spis(out, n):
    for i in range(n):
        out.esp(WEST, EAST, 0x1000 + i * 7919, 1)


@generator(500, 1_000_000)
def many_pairs(out, n):
    for i in range(n):
        out.esp(i, EAST, 0x1000 + i * 7919, 1)


@generator(500, 1_000_000)
def spis_again_and_again(out, n):
    # More than the table of accounts holds: each is let go before its next packet comes.
    for i in range(n):
        out.esp(WEST, EAST, 0x1000 + i % 100_000, 1 + i // 100_000)


@generator(500, 1_000_000)
def sequence_numbers_that_jump(out, n):
    for i in range(n):
        out.esp(WEST, EAST, 0x1001, (i + 1) * 5000)


# Phase 1


@generator(250, 500_000)
def half_open(out, n):
    for i in range(n):
        out.ike(i, EAST, (0x1111 << 48 | i + 1, 0), MAIN, [(SA, PHASE1)])


@generator(250, 500_000)
def half_open_of_one_pair(out, n):
    for i in range(n):
        out.ike(WEST, EAST, (0x1111 << 48 | i + 1, 0), MAIN, [(SA, PHASE1)])


@generator(250, 500_000)
def one_cookie_many_answers(out, n):
    out.ike(WEST, EAST, (0x1111, 0), MAIN, [(SA, PHASE1)])
    for i in range(n):
        out.ike(EAST, WEST, (0x1111, 0x2222 << 32 | i), MAIN, [(SA, PHASE1)])


@generator(250, 500_000)
def one_cookie_many_pairs(out, n):
    for i in range(n):
        out.ike(i, f"203.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", (0x1111, 0), MAIN, [(SA, PHASE1)])


@generator(250, 500_000)
def one_cookie_many_sources(out, n):
    for i in range(n):
        out.ike(i, EAST, (0x1111, 0x2222 + i), MAIN, [(SA, PHASE1)])


@generator(250, 500_000)
def one_message_again(out, n):
    for _ in range(n):
        out.ike(WEST, EAST, (1, 0), MAIN, [(SA, PHASE1)])


@generator(250, 500_000)
def one_message_from_many_places(out, n):
    for i in range(n):
        out.ike(i, EAST, (1, 0), MAIN, [(SA, PHASE1)])


@generator(250, 250_000)
def identities(out, n):
    for i in range(n):
        identity = struct.pack(">BBH", 3, 17, 500) + b"user%d@example.org" % i
        payloads = [(SA, PHASE1), (KE, pattern(128, i)), (NONCE, pattern(16, i)), (ID, identity)]
        out.ike(WEST, EAST, (0x1000 + i, 0), AGGRESSIVE, payloads)


@generator(250, 250_000)
def refusals(out, n):
    for i in range(n):
        out.ike(WEST, EAST, (0x1000 + i, 0), MAIN, [(SA, PHASE1)])
        out.ike(EAST, WEST, (0x1000 + i, 0x99), INFORMATIONAL, [(NOTIFY, notification(i % 16000, b"d%d" % i))],
                message=i + 1)


@generator(250, 250_000)
def clocks(out, n):
    """A vendor ID that tells the time, another one each time."""
    family = bytes.fromhex("f4ed19e0c114eb516faaac0ee37daf2807b4381f")
    for i in range(n):
        vendor = family + struct.pack(">IIII", 1, 0x138D, (i * 108000 + 1) & 0xFFFFFFFF, 0) + bytes(8)
        out.ike(WEST, EAST, (0x1000 + i, 0), MAIN, [(SA, PHASE1), (VENDOR, vendor)])


@generator(20, 20_000)
def vendor_ids(out, n):
    made = chain([(VENDOR, b"")] * 255)
    for i in range(n):
        out.ike(WEST, EAST, (0x1000 + i, 0), MAIN, made)


@generator(20, 20_000)
def notifications(out, n):
    made = chain([(NOTIFY, notification(kind)) for kind in range(255)])
    for i in range(n):
        out.ike(WEST, EAST, (0x1000, 0), INFORMATIONAL, made, message=i + 1)


# Large payloads


@generator(4, 1600)
def large_offers(out, n):
    made = chain([(SA, association(1, b"", [transform(1, short(11, 1) * 15000)]))])
    for i in range(n):
        out.ike(WEST, EAST, (0x1111 << 48 | i, 0), MAIN, made)


@generator(4, 1600)
def large_quick_modes(out, n):
    for i in range(n):
        cookie = 0x1000 + i // 64
        if i % 64 == 0:
            out.begun(WEST, cookie)
        offer = association(3, struct.pack(">I", 0x1000 + i), [transform(12, short(4, 1) * 14000)])
        out.ike(WEST, EAST, (cookie, 2), QUICK, [(HASH, pattern(20, i)), (SA, offer), (NONCE, pattern(16, i))],
                message=0x5000 + i)


@generator(4, 1600)
def large_deletes(out, n):
    made = chain([(DELETE, struct.pack(">IBBH", 1, 3, 1, 60000) + pattern(60000, 7))])
    for i in range(n):
        out.begun(i, 0x1000 + i)
        out.ike(i, EAST, (0x1000 + i, 2), INFORMATIONAL, made, message=i + 1)


@generator(4, 1600)
def large_notifications(out, n):
    made = chain([(NOTIFY, notification(14, pattern(200, k))) for k in range(255)])
    for i in range(n):
        out.begun(i, 0x1000 + i)
        out.ike(i, EAST, (0x1000 + i, 2), INFORMATIONAL, made, message=i + 1)


@generator(4, 1600)
def large_public_values(out, n):
    for i in range(n):
        out.begun(i, 0x1000 + i)
        out.ike(i, EAST, (0x1000 + i, 2), MAIN, [(KE, pattern(30000, i)), (NONCE, pattern(30000, i + 1))])


@generator(4, 1600)
def fragments_of_ike(out, n):
    for i in range(n):
        cookie = 0x1000 + i // 4
        if i % 4 == 0:
            out.begun(WEST, cookie)
        out.ike(WEST, EAST, (cookie, 2), MAIN, [(FRAGMENT, struct.pack(">HBB", 7, i % 4 + 1, 0) + pattern(60000, i))])


# Phase 2


def quick_mode(out, i, spi):
    ends = [(ID, subnet(i)), (ID, subnet(i))]
    for source, target, number in ((WEST, EAST, 0), (EAST, WEST, 1)):
        payloads = [(HASH, bytes(20)), (SA, phase2(spi + number)), (NONCE, pattern(16, i * 2 + number))] + ends
        out.ike(source, target, (1, 2), QUICK, payloads, message=0x5000 + i)


@generator(100, 200_000)
def quick_modes(out, n):
    out.begun(WEST, 1)
    for i in range(n):
        quick_mode(out, i, 0x10000 + i * 2)


@generator(100, 200_000)
def quick_modes_of_one_spi(out, n):
    out.begun(WEST, 1)
    for i in range(n):
        quick_mode(out, i, 0x77777777)


@generator(250, 500_000)
def one_pair_many_ports(out, n):
    for i in range(n):
        out.ike(WEST, EAST, (0x11110000 + i, 0x22220000 + i), INFORMATIONAL, (8, b"\xaa" * 48), message=0x77,
                flags=1, ports=(1024 + i % 60000, 500))


# IKEv2


@generator(250, 1_000_000)
def half_open_2(out, n):
    for i in range(n):
        out.ike2(i, EAST, (0x1111 << 48 | i + 1, 0), IKE_SA_INIT, initial(i))


@generator(250, 250_000)
def begun_2(out, n):
    for i in range(n):
        out.begun2(i, 0x1111 << 48 | i + 1)


@generator(250, 250_000)
def sealed_2(out, n):
    """Each SA with a message that no key opens."""
    for i in range(n):
        out.begun2(WEST, 0x1111 << 48 | i + 1)
        out.ike2(WEST, EAST, (0x1111 << 48 | i + 1, 2), IKE_AUTH, [(SK, pattern(200, i))], message=1)


@generator(250, 500_000)
def broken_2(out, n):
    for i in range(n):
        out.ike2(i, EAST, (0x1111 << 48 | i + 1, 0), IKE_SA_INIT, [(SA_2, b"x" * 40)])


@generator(250, 500_000)
def one_spi_many_answers_2(out, n):
    out.ike2(WEST, EAST, (0x1111, 0), IKE_SA_INIT, initial(1))
    for i in range(n):
        out.ike2(EAST, WEST, (0x1111, 0x2222 << 32 | i), IKE_SA_INIT, initial(i), flags=ANSWERS)


@generator(250, 250_000)
def cookies_2(out, n):
    """The same SPI asks once more each time, with the cookie that it was sent."""
    for i in range(n):
        cookie = (NOTIFY_2, notification2(16390, pattern(64, i)))
        out.ike2(EAST, WEST, (0x1111, 0), IKE_SA_INIT, [cookie], flags=ANSWERS)
        out.ike2(WEST, EAST, (0x1111, 0), IKE_SA_INIT, [cookie] + initial(1))


@generator(250, 500_000)
def message_ids_2(out, n):
    """As many exchanges under way at once as there are message IDs."""
    out.begun2(WEST, 1)
    for i in range(n):
        out.ike2(WEST, EAST, (1, 2), INFORMATIONAL_2, [(SK, pattern(64, i))], message=i + 1)


@generator(250, 250_000)
def fragments_2(out, n):
    """Pieces of messages of which none becomes whole."""
    out.begun2(WEST, 1)
    for i in range(n):
        piece = struct.pack(">HH", i % 60000 + 1, 0xFFFF) + pattern(400, i)
        out.ike2(WEST, EAST, (1, 2), IKE_AUTH, [(SKF, piece)], message=1 + i // 60000)


@generator(4, 1600)
def large_offers_2(out, n):
    # 7,140 transforms of a type that no registry has.
    transforms = [struct.pack(">BBHBBH", 3, 0, 8, 200, 0, number) for number in range(255)]
    made = chain([(SA_2, proposal(1, b"", transforms) * 28)])
    for i in range(n):
        out.ike2(WEST, EAST, (0x1111 << 48 | i, 0), IKE_SA_INIT, made)


@generator(4, 1600)
def large_deletes_2(out, n):
    made = chain([(DELETE_2, struct.pack(">BBH", 3, 1, 60000) + pattern(60000, 7))])
    for i in range(n):
        out.begun2(i, 0x1000 + i)
        out.ike2(i, EAST, (0x1000 + i, 2), INFORMATIONAL_2, made, message=1)


@generator(4, 1600)
def large_public_values_2(out, n):
    for i in range(n):
        payloads = [(SA_2, PROPOSAL_2), (KE_2, struct.pack(">HH", 14, 0) + pattern(30000, i)), (NONCE_2, pattern(30000, i))]
        out.ike2(i, EAST, (0x1000 + i, 0), IKE_SA_INIT, payloads)
        out.ike2(EAST, i, (0x1000 + i, 2), IKE_SA_INIT, payloads, flags=ANSWERS)


# Others


@generator(1000, 1_000_000)
def keepalives(out, n):
    for i in range(n):
        out.udp(i, EAST, b"\xff", ports=(4500, 4500))


@generator(1000, 1_000_000)
def icmp_errors(out, n):
    quoted = struct.pack(">BBHHHBBH", 0x45, 0, 92, 0, 0, 64, 17, 0) + address(WEST) + address(EAST)
    quoted += struct.pack(">HHHH", 500, 500, 72, 0) + b"x" * 36
    for i in range(n):
        out.ip(i, WEST, 1, struct.pack(">BBHI", 3, 1, 0, 0) + quoted)


@generator(250, 60_000)
def first_fragments(out, n):
    head = struct.pack(">HHHH", 500, 500, 9000, 0) + b"a" * 1472
    for i in range(n):
        out.ip(i // 60000, EAST, 17, head, identification=i % 60000, fragment=0x2000)


@generator(500, 500_000)
def small_fragments(out, n):
    for i in range(n):
        out.ip(WEST, EAST, 17, b"12345678", identification=i // 500 & 0xFFFF, fragment=0x2000 | 8000 - 2 * (i % 500))


@generator(250, 60_000)
def fragments_again(out, n):
    head = struct.pack(">HHHH", 500, 500, 2968, 0) + b"a" * 1472
    out.ip(WEST, EAST, 17, head, identification=1, fragment=0x2000)
    for i in range(n):
        out.ip(WEST, EAST, 17, b"b" * 1480, identification=1, fragment=185, ttl=i % 250 + 1)


@generator(500, 500_000)
def segments_backwards(out, n):
    out.tcp(WEST, EAST, 0, b"", flags=2)
    for i in range(n):
        out.tcp(WEST, EAST, 1 + (n - i) * 2, b"x")


@generator(250, 100_000)
def streams(out, n):
    for i in range(n):
        out.tcp(i, EAST, 1, b"IKETCP\x40\x00" + b"z" * 1000)


@generator(1000, 500_000)
def records_byte_by_byte(out, n):
    out.tcp(WEST, EAST, 0, b"", flags=2)
    out.tcp(WEST, EAST, 1, b"IKETCP")
    sequence = 7
    while out.count < n:
        out.tcp(WEST, EAST, sequence, struct.pack(">H", 20000))
        sequence += 2
        for _ in range(min(19998, n - out.count)):
            out.tcp(WEST, EAST, sequence, b"y")
            sequence += 1
