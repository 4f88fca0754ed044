/* SPDX-License-Identifier: Apache-2.0 */
/* Frames are written and read byte by byte, so neither alignment nor byte order of the core matters. */
#include "frames.h"

#include <string.h>

enum {
	ETHERNET_BYTES = 14,
	ARP_BYTES = 28,
	IP_BYTES = 20,
	ICMP_BYTES = 8,
	TYPE_IP = 0x0800,
	TYPE_ARP = 0x0806,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	PROTOCOL_ICMP = 1,
	TIME_TO_LIVE = 64,
	ECHO_REPLY = 0,
	ECHO_REQUEST = 8,
	ECHO_ID = 0x4153,
};

#define ARP_ETHERNET_IPV4 0x00010800U
#define ARP_LENGTHS       0x0604U
#define FRAGMENT_BITS     0x3FFFU /* more fragments, and the offset */

static const uint8_t everybody[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static uint32_t get16(const uint8_t *at)
{
	return ((uint32_t)at[0] << 8) | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return (get16(at) << 16) | get16(at + 2);
}

static uint32_t checksum(const uint8_t *at, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < size; i += 2)
		sum += get16(at + i);
	if (size % 2)
		sum += (uint32_t)at[size - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xFFFFU) + (sum >> 16);
	return ~sum & 0xFFFFU;
}

static uint8_t pattern(uint16_t sequence, size_t index)
{
	return (uint8_t)(index * 31U + sequence);
}

static uint8_t *put_ethernet(uint8_t *at, const uint8_t to[6], const uint8_t from[6], uint32_t type)
{
	memcpy(at, to, 6);
	memcpy(at + 6, from, 6);
	put16(at + 12, type);
	return at + ETHERNET_BYTES;
}

static size_t pad(uint8_t *at, size_t size)
{
	if (size >= FRAMES_MIN_BYTES)
		return size;
	memset(at + size, 0, FRAMES_MIN_BYTES - size);
	return FRAMES_MIN_BYTES;
}

static size_t put_arp(uint8_t *at, uint32_t operation, const struct frames_party *from, const uint8_t to_mac[6],
		      uint32_t to)
{
	static const uint8_t unknown[6];
	uint8_t *arp = put_ethernet(at, to_mac, from->mac, TYPE_ARP);

	put32(arp, ARP_ETHERNET_IPV4);
	put16(arp + 4, ARP_LENGTHS);
	put16(arp + 6, operation);
	memcpy(arp + 8, from->mac, 6);
	put32(arp + 14, from->address);
	memcpy(arp + 18, operation == ARP_REQUEST ? unknown : to_mac, 6);
	put32(arp + 24, to);
	return pad(at, ETHERNET_BYTES + ARP_BYTES);
}

size_t frames_arp_request(uint8_t *at, const struct frames_party *from, const struct frames_party *to)
{
	return put_arp(at, ARP_REQUEST, from, everybody, to->address);
}

size_t frames_arp_reply(uint8_t *at, const struct frames_party *from, const struct frames_party *to)
{
	return put_arp(at, ARP_REPLY, from, to->mac, to->address);
}

size_t frames_echo_request(uint8_t *at, const struct frames_party *from, const struct frames_party *to,
			   uint16_t sequence, size_t data_bytes)
{
	uint8_t *packet = put_ethernet(at, to->mac, from->mac, TYPE_IP);
	uint8_t *icmp = packet + IP_BYTES;

	memset(packet, 0, IP_BYTES + ICMP_BYTES);
	packet[0] = 0x45; /* version 4, a header without options */
	put16(packet + 2, (uint32_t)(IP_BYTES + ICMP_BYTES + data_bytes));
	put16(packet + 4, sequence);
	packet[8] = TIME_TO_LIVE;
	packet[9] = PROTOCOL_ICMP;
	put32(packet + 12, from->address);
	put32(packet + 16, to->address);
	put16(packet + 10, checksum(packet, IP_BYTES));
	icmp[0] = ECHO_REQUEST;
	put16(icmp + 4, ECHO_ID);
	put16(icmp + 6, sequence);
	for (size_t i = 0; i < data_bytes; i++)
		icmp[ICMP_BYTES + i] = pattern(sequence, i);
	put16(icmp + 2, checksum(icmp, ICMP_BYTES + data_bytes));
	return pad(at, FRAMES_ECHO_OVERHEAD + data_bytes);
}

static void read_arp(const uint8_t *arp, size_t size, const struct frames_party *us, struct frames_seen *seen)
{
	if (size < ARP_BYTES || get32(arp) != ARP_ETHERNET_IPV4 || get16(arp + 4) != ARP_LENGTHS)
		return;
	if (get32(arp + 24) != us->address)
		return;
	if (get16(arp + 6) == ARP_REQUEST)
		seen->kind = FRAMES_ARP_REQUEST;
	else if (get16(arp + 6) == ARP_REPLY && !memcmp(arp + 18, us->mac, 6))
		seen->kind = FRAMES_ARP_REPLY;
	seen->same_sender = !memcmp(arp + 8, seen->from.mac, 6);
	memcpy(seen->from.mac, arp + 8, 6);
	seen->from.address = get32(arp + 14);
}

static void read_ip(const uint8_t *packet, size_t size, const struct frames_party *us, struct frames_seen *seen)
{
	size_t total = size >= IP_BYTES ? get16(packet + 2) : 0;

	if (total < IP_BYTES + ICMP_BYTES || total > size || packet[0] != 0x45 || packet[9] != PROTOCOL_ICMP)
		return;
	if (checksum(packet, IP_BYTES) != 0 || (get16(packet + 6) & FRAGMENT_BITS) || get32(packet + 16) != us->address)
		return;
	const uint8_t *icmp = packet + IP_BYTES;
	if (icmp[0] != ECHO_REPLY || get16(icmp + 4) != ECHO_ID)
		return;

	seen->kind = FRAMES_ECHO_REPLY;
	seen->from.address = get32(packet + 12);
	seen->sequence = (uint16_t)get16(icmp + 6);
	seen->data_bytes = total - IP_BYTES - ICMP_BYTES;
	seen->intact = checksum(icmp, ICMP_BYTES + seen->data_bytes) == 0;
	for (size_t i = 0; i < seen->data_bytes; i++)
		seen->intact = seen->intact && icmp[ICMP_BYTES + i] == pattern(seen->sequence, i);
}

struct frames_seen frames_read(const uint8_t *at, size_t size, const struct frames_party *us)
{
	struct frames_seen seen = {.kind = FRAMES_OTHER};

	if (size < ETHERNET_BYTES || (memcmp(at, us->mac, 6) != 0 && memcmp(at, everybody, 6) != 0))
		return seen;
	memcpy(seen.from.mac, at + 6, 6);
	if (get16(at + 12) == TYPE_ARP)
		read_arp(at + ETHERNET_BYTES, size - ETHERNET_BYTES, us, &seen);
	else if (get16(at + 12) == TYPE_IP)
		read_ip(at + ETHERNET_BYTES, size - ETHERNET_BYTES, us, &seen);
	return seen;
}

bool frames_address(const char *text, uint32_t *ret_address)
{
	uint32_t address = 0;

	for (uint32_t part = 0; part < 4; part++) {
		uint32_t value = 0, digits = 0;

		for (; *text >= '0' && *text <= '9' && digits < 4; digits++)
			value = value * 10 + (uint32_t)(*text++ - '0');
		if (digits == 0 || value > 255 || *text != (part < 3 ? '.' : '\0'))
			return false;
		address = (address << 8) | value;
		text++;
	}
	*ret_address = address;
	return true;
}
