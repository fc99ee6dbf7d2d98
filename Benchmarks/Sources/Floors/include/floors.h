/* What the work takes when nothing is around it. Both return what a program exits with. */

/* Goes through a capture with libpcap, looks at nothing but the lengths, and prints the packets and their bytes. */
int libpcap_alone(const char *path);

/* So many modular exponentiations in MODP group 2 or 14 (RFC 2409, RFC 3526), with exponents of so many bits: what
 * opening negotiations by Diffie-Hellman exponents takes at least. */
int modular_exponentiations(int group, int bits, long count);
