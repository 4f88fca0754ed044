/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough of ARP, IPv4 and ICMP, as Ethernet frames without their CRC, to find a neighbour and to have it echo. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAMES_MIN_BYTES = 60, /* shorter ones are padded with zeros */
	FRAMES_MAX_BYTES = 1514,
	FRAMES_ECHO_OVERHEAD = 14 + 20 + 8, /* of an echo's frame, beside its data */
	FRAMES_ECHO_MAX = FRAMES_MAX_BYTES - FRAMES_ECHO_OVERHEAD,
};

struct frames_party {
	uint8_t mac[6];
	uint32_t address; /* 10.0.2.15 is 0x0A00020F */
};

enum frames_kind { FRAMES_OTHER, FRAMES_ARP_REQUEST, FRAMES_ARP_REPLY, FRAMES_ECHO_REPLY };

/* A frame that came. */
struct frames_seen {
	enum frames_kind kind; /* OTHER: also what is damaged, and what was not meant for us */
	struct frames_party from;
	bool same_sender;  /* ARP: the frame's sender is the one inside it */
	uint16_t sequence; /* the following of an echo only */
	size_t data_bytes;
	bool intact; /* checksum and data are right */
};

/* These write a frame to at (FRAMES_MAX_BYTES) and return its size. An ARP request goes to everybody: to needs only an
 * address. The data of an echo, up to FRAMES_ECHO_MAX bytes, is a pattern that differs with the sequence. */
size_t frames_arp_request(uint8_t *at, const struct frames_party *from, const struct frames_party *to);
size_t frames_arp_reply(uint8_t *at, const struct frames_party *from, const struct frames_party *to);
size_t frames_echo_request(uint8_t *at, const struct frames_party *from, const struct frames_party *to,
			   uint16_t sequence, size_t data_bytes);

/* What a frame of size bytes says to us. */
struct frames_seen frames_read(const uint8_t *at, size_t size, const struct frames_party *us);

/* "10.0.2.15". False: text is no such address. */
bool frames_address(const char *text, uint32_t *ret_address);

#endif
