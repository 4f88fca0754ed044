/* SPDX-License-Identifier: Apache-2.0 */
/* Group Network: the interface sends and receives what it should, seen by the neighbour that every network has: the
 * gateway. One frame is under way at a time, and nothing else is asked of the network. */
#include <string.h>

#include "network/frames.h"
#include "port.h"
#include "suite.h"

/* A neighbour's time is not the board's where the board is emulated: generous. */
enum { WAIT_MS = 5000, LINK_MS = 10000, ECHOES = 200, ECHO_BYTES = 56 };

_Static_assert(FRAMES_MAX_BYTES <= sizeof(((struct port_frame *)0)->words), "the port's frames hold ours");

static struct {
	bool started;
	struct frames_party us;
	struct frames_party gateway; /* its MAC is all zeros until it has answered */
	bool gateway_silent;         /* it was waited for in vain: once is enough */
	struct port_frame out;
	struct port_frame in;
	uint16_t sequence; /* of the echo before */
} net;

static void start(void)
{
	if (net.started)
		return;
	struct port_network port = port_network_start();
	if (port.absent)
		IGNORE("no network on this board");
	CHECK(port.started, "the interface did not start");
	CHECK(frames_address(port.address, &net.us.address), "the port's address is none");
	CHECK(frames_address(port.gateway, &net.gateway.address), "the port's gateway is no address");
	memcpy(net.us.mac, port.mac, sizeof(port.mac));
	net.started = true;
}

static bool wait_for_link(uint32_t *ret_ms)
{
	uint32_t begin = port_clock_ms();

	while (!port_network_link()) {
		if (port_clock_ms() - begin >= LINK_MS)
			return false;
	}
	*ret_ms = port_clock_ms() - begin;
	return true;
}

static void send(size_t size)
{
	net.out.size = size;
	CHECK(port_network_send(&net.out), "the transmitter has no room");
}

/* Waits for a frame of a kind from the gateway. Who asks for our address meanwhile is told: a gateway may have to ask
 * before it can answer. */
static bool receive(enum frames_kind kind, struct frames_seen *ret_seen)
{
	uint32_t begin = port_clock_ms();

	while (port_clock_ms() - begin < WAIT_MS) {
		if (!port_network_receive(&net.in))
			continue;
		struct frames_seen seen = frames_read((const uint8_t *)net.in.words, net.in.size, &net.us);
		if (seen.kind == FRAMES_ARP_REQUEST) {
			send(frames_arp_reply((uint8_t *)net.out.words, &net.us, &seen.from));
		} else if (seen.kind == kind && seen.from.address == net.gateway.address) {
			*ret_seen = seen;
			return true;
		}
	}
	return false;
}

static bool ask_gateway(struct frames_seen *ret_seen)
{
	send(frames_arp_request((uint8_t *)net.out.words, &net.us, &net.gateway));
	return receive(FRAMES_ARP_REPLY, ret_seen);
}

/* Interface up, gateway known: each case can run without the ones before. */
static void begin(void)
{
	static const uint8_t unknown[6];
	struct frames_seen seen;
	uint32_t link_ms;

	start();
	CHECK(wait_for_link(&link_ms), "the link did not come up");
	if (memcmp(net.gateway.mac, unknown, 6) != 0)
		return;
	net.gateway_silent = net.gateway_silent || !ask_gateway(&seen);
	CHECK(!net.gateway_silent, "the gateway does not answer to ARP");
	memcpy(net.gateway.mac, seen.from.mac, 6);
}

/* An answer to an earlier echo, one that was waited for in vain, is passed over. */
static bool echo(size_t data_bytes, struct frames_seen *ret_seen)
{
	net.sequence++;
	send(frames_echo_request((uint8_t *)net.out.words, &net.us, &net.gateway, net.sequence, data_bytes));
	while (receive(FRAMES_ECHO_REPLY, ret_seen)) {
		if (ret_seen->sequence == net.sequence)
			return true;
	}
	return false;
}

static void case_link_up(void)
{
	uint32_t ms;

	start();
	CHECK(wait_for_link(&ms), "the link did not come up");
	fixture_measure("link-up", ms * 1000U, "us");
}

static void case_mac_address(void)
{
	uint32_t zeros = 0;

	start();
	for (size_t i = 0; i < 6; i++)
		zeros += net.us.mac[i] == 0;
	CHECK(zeros < 6, "the MAC address is all zeros");
	CHECK_EQUAL(0, net.us.mac[0] & 1U, "the MAC address is a group's");
}

static void case_arp_answers(void)
{
	struct frames_seen first, second;

	begin();
	CHECK(ask_gateway(&first), "the gateway does not answer to ARP");
	CHECK(first.same_sender, "the answer's sender is not the frame's");
	CHECK_EQUAL(0, first.from.mac[0] & 1U, "the gateway's MAC address is a group's");
	CHECK(memcmp(first.from.mac, net.us.mac, 6) != 0, "the gateway has our MAC address");
	CHECK(ask_gateway(&second), "the gateway does not answer to ARP again");
	CHECK(memcmp(first.from.mac, second.from.mac, 6) == 0, "the gateway answers otherwise the second time");
}

/* The shortest and the longest, those at which padding ends, and all remainders of words. */
static void case_frame_sizes(void)
{
	static const uint16_t frame_bytes[] = {
		FRAMES_ECHO_OVERHEAD,
		FRAMES_ECHO_OVERHEAD + 1,
		FRAMES_MIN_BYTES - 1,
		FRAMES_MIN_BYTES,
		FRAMES_MIN_BYTES + 1,
		FRAMES_MIN_BYTES + 2,
		FRAMES_MIN_BYTES + 3,
		FRAMES_MIN_BYTES + 4,
		255,
		256,
		FRAMES_MAX_BYTES - 1,
		FRAMES_MAX_BYTES,
	};

	begin();
	for (size_t i = 0; i < sizeof(frame_bytes) / sizeof(frame_bytes[0]); i++) {
		uint32_t data_bytes = (uint32_t)frame_bytes[i] - FRAMES_ECHO_OVERHEAD;
		struct frames_seen seen;

		if (!echo(data_bytes, &seen))
			fixture_fail_unequal(FIXTURE_FILE, __LINE__, data_bytes, 0, "no echo of so many bytes");
		CHECK_EQUAL(data_bytes, (uint32_t)seen.data_bytes, "bytes in the echo");
		if (!seen.intact)
			fixture_fail_unequal(FIXTURE_FILE, __LINE__, data_bytes, data_bytes,
					     "the echo of so many bytes is damaged");
	}
}

/* A board without a counter of its own measures by the tick. */
static struct port_counter counter_of_any_kind(void)
{
	struct port_counter counter = port_counter_start();

	return counter.hz ? counter : (struct port_counter){.hz = 1000, .read = port_clock_ms};
}

static void case_nothing_lost(void)
{
	struct port_counter counter = counter_of_any_kind();
	uint32_t lost = 0, longest = 0;
	uint64_t sum = 0;

	begin();
	for (uint32_t i = 0; i < ECHOES; i++) {
		struct frames_seen seen;
		uint32_t from = counter.read();

		if (!echo(ECHO_BYTES, &seen) || !seen.intact || seen.data_bytes != ECHO_BYTES) {
			CHECK(++lost < 3, "a third echo is lost or damaged");
			continue;
		}
		uint32_t counts = counter.read() - from;
		sum += counts;
		longest = counts > longest ? counts : longest;
	}
	fixture_measure("lost", lost, "count");
	fixture_measure("round-trip", (uint32_t)(sum * 1000000U / counter.hz / (ECHOES - lost)), "us");
	fixture_measure("round-trip-longest", (uint32_t)((uint64_t)longest * 1000000U / counter.hz), "us");
	CHECK_EQUAL(0, lost, "echoes lost or damaged");
}

static const struct fixture_case cases[] = {
	{"link_up", case_link_up},         {"mac_address", case_mac_address},   {"arp_answers", case_arp_answers},
	{"frame_sizes", case_frame_sizes}, {"nothing_lost", case_nothing_lost},
};
FIXTURE_GROUP(group_network, "Network", cases);
