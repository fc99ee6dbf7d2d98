#include "floors.h"

#include <pcap/pcap.h>
#include <stdio.h>

int libpcap_alone(const char *path) {
    char why[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *bytes;
    unsigned long long packets = 0, octets = 0;
    int status;

    pcap_t *capture = pcap_open_offline(path, why);
    if (capture == NULL) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    while ((status = pcap_next_ex(capture, &header, &bytes)) == 1) {
        packets++;
        octets += header->caplen;
    }
    if (status == PCAP_ERROR) pcap_perror(capture, path);
    pcap_close(capture);
    printf("%llu packets, %llu bytes\n", packets, octets);
    return status == PCAP_ERROR;
}
