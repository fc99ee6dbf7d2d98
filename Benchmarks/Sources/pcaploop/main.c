/* The floor of all that goes through libpcap: a loop that looks at nothing but the lengths.
 *
 * usage: pcaploop FILE        prints the packets and their bytes */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int count, char **arguments) {
    char why[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *bytes;
    unsigned long long packets = 0, octets = 0;
    int status;

    if (count != 2) return 64;
    pcap_t *capture = pcap_open_offline(arguments[1], why);
    if (capture == NULL) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    while ((status = pcap_next_ex(capture, &header, &bytes)) == 1) {
        packets++;
        octets += header->caplen;
    }
    if (status == PCAP_ERROR) pcap_perror(capture, arguments[1]);
    pcap_close(capture);
    printf("%llu packets, %llu bytes\n", packets, octets);
    return status == PCAP_ERROR;
}
