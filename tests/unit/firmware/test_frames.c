/* SPDX-License-Identifier: Apache-2.0 */
/* The network suite's frames: what is written can be read, frames laid down byte for byte are, and damage is noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "network/frames.h"

static const struct frames_party us = {{0x52, 0x54, 0, 0x12, 0x34, 0x56}, 0x0A00020FU};
static const struct frames_party them = {{0x52, 0x55, 10, 0, 2, 2}, 0x0A000202U};

/* What an echo's neighbour does: sender and receiver change places, the type becomes a reply's. */
static void turn_round(uint8_t *frame)
{
	memcpy(frame, us.mac, 6);
	memcpy(frame + 6, them.mac, 6);
	for (size_t i = 0; i < 4; i++) {
		uint8_t byte = frame[26 + i];

		frame[26 + i] = frame[30 + i];
		frame[30 + i] = byte;
	}
	frame[34] = 0;
	uint32_t sum = (uint32_t)((frame[36] << 8) | frame[37]) + 0x0800U; /* RFC 1624 */
	sum = (sum & 0xFFFFU) + (sum >> 16);
	frame[36] = (uint8_t)(sum >> 8);
	frame[37] = (uint8_t)sum;
}

static void an_arp_request_is_as_the_standard_has_it(void **state)
{
	static const uint8_t wanted[FRAMES_MIN_BYTES] = {
		0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0x08, 0x06, /* Ethernet */
		0,    1,    0x08, 0,    6,    4,    0,    1,                                     /* a request */
		0x52, 0x54, 0,    0x12, 0x34, 0x56, 10,   0,    2, 15,   0,    0,    0,    0,    0, 0, 10, 0, 2, 2};
	uint8_t frame[FRAMES_MAX_BYTES];

	(void)state;
	memset(frame, 0xA5, sizeof frame);
	assert_int_equal(frames_arp_request(frame, &us, &them), FRAMES_MIN_BYTES);
	assert_memory_equal(frame, wanted, sizeof wanted);
}

static void arp_is_read_by_whom_it_is_for(void **state)
{
	uint8_t frame[FRAMES_MAX_BYTES];
	struct frames_party other = us;

	(void)state;
	size_t size = frames_arp_request(frame, &them, &us);
	struct frames_seen seen = frames_read(frame, size, &us);
	assert_int_equal(seen.kind, FRAMES_ARP_REQUEST);
	assert_int_equal(seen.from.address, them.address);
	assert_memory_equal(seen.from.mac, them.mac, 6);
	assert_true(seen.same_sender);
	other.address++;
	assert_int_equal(frames_read(frame, size, &other).kind, FRAMES_OTHER);

	size = frames_arp_reply(frame, &them, &us);
	seen = frames_read(frame, size, &us);
	assert_int_equal(seen.kind, FRAMES_ARP_REPLY);
	assert_true(seen.same_sender);
	frame[6 + 5] ^= 1;
	assert_false(frames_read(frame, size, &us).same_sender);
	other = us;
	other.mac[5] ^= 1;
	assert_int_equal(frames_read(frame, size, &other).kind, FRAMES_OTHER);
}

static void an_echo_of_any_size_comes_back(void **state)
{
	static const size_t sizes[] = {0, 1, 17, 18, 19, 255, FRAMES_ECHO_MAX - 1, FRAMES_ECHO_MAX};
	uint8_t frame[FRAMES_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		size_t size = frames_echo_request(frame, &us, &them, (uint16_t)(0x1200 + i), sizes[i]);
		size_t bare = sizes[i] + FRAMES_ECHO_OVERHEAD;

		assert_int_equal(size, bare < FRAMES_MIN_BYTES ? FRAMES_MIN_BYTES : bare);
		assert_int_equal(frames_read(frame, size, &them).kind, FRAMES_OTHER); /* a request is no reply */
		turn_round(frame);
		struct frames_seen seen = frames_read(frame, size, &us);
		assert_int_equal(seen.kind, FRAMES_ECHO_REPLY);
		assert_int_equal(seen.from.address, them.address);
		assert_int_equal(seen.sequence, 0x1200 + i);
		assert_int_equal(seen.data_bytes, sizes[i]);
		assert_true(seen.intact);
	}
}

/* Whatever byte is damaged: the frame is nobody's, or is known to be damaged, or is another's. */
static void damage_is_noticed(void **state)
{
	uint8_t frame[FRAMES_MAX_BYTES];
	size_t size = frames_echo_request(frame, &us, &them, 7, 100);

	(void)state;
	turn_round(frame);
	assert_true(frames_read(frame, size, &us).intact);
	for (size_t i = 0; i < size; i++) {
		frame[i] ^= 0x10;
		struct frames_seen seen = frames_read(frame, size, &us);
		if (i < 6 || i >= 12) /* the sender's MAC address is guarded by nothing but the CRC */
			assert_false(seen.kind == FRAMES_ECHO_REPLY && seen.intact);
		frame[i] ^= 0x10;
	}
	for (size_t shorter = 0; shorter < size; shorter++)
		assert_int_equal(frames_read(frame, shorter, &us).kind, FRAMES_OTHER);
}

static void addresses_are_four_numbers(void **state)
{
	static const char *const bad[] = {"",          "10",         "10.0.2",  "10.0.2.",    "10.0.2.2.",
					  "10.0.2.2 ", "10.0.2.256", "10..2.2", "10.0.2.0x2", "10.0.2.99999999999"};
	uint32_t address = 1;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(frames_address(bad[i], &address));
	assert_int_equal(address, 1);
	assert_true(frames_address("10.0.2.15", &address));
	assert_int_equal(address, 0x0A00020FU);
	assert_true(frames_address("255.255.255.255", &address));
	assert_int_equal(address, 0xFFFFFFFFU);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arp_request_is_as_the_standard_has_it),
		cmocka_unit_test(arp_is_read_by_whom_it_is_for),
		cmocka_unit_test(an_echo_of_any_size_comes_back),
		cmocka_unit_test(damage_is_noticed),
		cmocka_unit_test(addresses_are_four_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
