/* SPDX-License-Identifier: Apache-2.0 */
/* Frames through both ends, and every frame that is none. */
#include <string.h>

#include "core/tunnel/frame.h"
#include "tests/unit/core/base/cmocka_all.h"

/* Encodes and decodes; the data lies in bytes. */
static struct tunnel_frame through(const struct tunnel_frame *frame, uint8_t bytes[TUNNEL_MAX_FRAME])
{
	struct tunnel_frame decoded;
	struct err err = {0};
	size_t len = tunnel_encode(frame, bytes);

	assert_true(len >= TUNNEL_HEADER_BYTES && len <= TUNNEL_MAX_FRAME);
	if (tunnel_decode(bytes, len, &decoded, &err))
		fail_msg("%s", err.text);
	assert_int_equal(decoded.kind, frame->kind);
	assert_int_equal(decoded.channel, frame->channel);
	return decoded;
}

static void test_every_kind(void **state)
{
	static uint8_t bytes[TUNNEL_MAX_FRAME], data[TUNNEL_MAX_DATA];
	struct tunnel_frame frame = {.kind = TUNNEL_OPEN,
				     .channel = UINT32_MAX,
				     .run = (int64_t)1 << 53,
				     .fence = 77,
				     .credit = TUNNEL_WINDOW,
				     .service = TUNNEL_TO_CONSOLE},
			    got = through(&frame, bytes);

	(void)state;
	assert_true(got.run == frame.run && got.fence == 77 && got.credit == TUNNEL_WINDOW);
	assert_int_equal(got.service, TUNNEL_TO_CONSOLE);
	frame = (struct tunnel_frame){.kind = TUNNEL_OPENED, .channel = 1};
	assert_int_equal(through(&frame, bytes).credit, 0);
	frame = (struct tunnel_frame){.kind = TUNNEL_CREDIT, .channel = 0x01020304, .credit = 5};
	assert_int_equal(through(&frame, bytes).credit, 5);
	memset(data, 0xa5, sizeof data);
	frame = (struct tunnel_frame){.kind = TUNNEL_DATA, .channel = 9, .data = data, .size_bytes = sizeof data};
	got = through(&frame, bytes);
	assert_int_equal(got.size_bytes, sizeof data);
	assert_memory_equal(got.data, data, sizeof data);
	frame = (struct tunnel_frame){.kind = TUNNEL_CLOSE, .channel = 9, .end = TUNNEL_FAULT};
	got = through(&frame, bytes);
	assert_true(got.end == TUNNEL_FAULT && got.size_bytes == 0);
}

/* The layout is a contract: other programs speak it. */
static void test_layout(void **state)
{
	static const uint8_t open[] = {1, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 0, 0, 0, 0, 4, 0, 2, 0, 0, 0};
	static const uint8_t close[] = {5, 0, 0, 0, 3, 1, 'o', 'k'};
	uint8_t bytes[TUNNEL_MAX_FRAME];
	struct tunnel_frame frame = {.kind = TUNNEL_OPEN,
				     .channel = 258,
				     .run = 21,
				     .fence = 4,
				     .credit = TUNNEL_WINDOW,
				     .service = TUNNEL_TO_GDB};

	(void)state;
	assert_int_equal(tunnel_encode(&frame, bytes), sizeof open);
	assert_memory_equal(bytes, open, sizeof open);
	frame = (struct tunnel_frame){.kind = TUNNEL_CLOSE,
				      .channel = 3,
				      .end = TUNNEL_LEASE_OVER,
				      .data = (const uint8_t *)"ok",
				      .size_bytes = 2};
	assert_int_equal(tunnel_encode(&frame, bytes), sizeof close);
	assert_memory_equal(bytes, close, sizeof close);
}

static void test_long_text_is_cut_between_characters(void **state)
{
	uint8_t bytes[TUNNEL_MAX_FRAME], text[TUNNEL_MAX_TEXT + 9];
	struct tunnel_frame frame = {
		.kind = TUNNEL_CLOSE, .channel = 1, .end = TUNNEL_LOST, .data = text, .size_bytes = sizeof text};

	(void)state;
	memset(text, 'x', sizeof text);
	assert_int_equal(through(&frame, bytes).size_bytes, TUNNEL_MAX_TEXT);
	memcpy(text + TUNNEL_MAX_TEXT - 1, "\xe2\x82\xac", 3);
	assert_int_equal(through(&frame, bytes).size_bytes, TUNNEL_MAX_TEXT - 1);
}

static void refuse(const uint8_t *bytes, size_t len, const char *words)
{
	struct tunnel_frame frame = {.channel = 4711};
	struct err err = {0};

	assert_int_equal(tunnel_decode(bytes, len, &frame, &err), ERR_PROTOCOL);
	assert_int_equal(frame.channel, 4711);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void test_refused(void **state)
{
	static uint8_t bytes[TUNNEL_MAX_FRAME + 1];
	struct tunnel_frame open = {.kind = TUNNEL_OPEN, .channel = 1, .run = 1, .fence = 1, .credit = TUNNEL_WINDOW};
	size_t len = tunnel_encode(&open, bytes);

	(void)state;
	refuse(bytes, 0, "too short");
	refuse(bytes, TUNNEL_HEADER_BYTES - 1, "too short");
	refuse(bytes, len - 1, "another length");
	refuse(bytes, len + 1, "another length");
	bytes[24]++;
	refuse(bytes, len, "more credit");
	bytes[24]--;
	bytes[25] = 2;
	refuse(bytes, len, "service");
	bytes[25] = 0;
	bytes[5] = 0x80;
	refuse(bytes, len, "run or fence");
	bytes[5] = 0;
	bytes[4] = 0;
	refuse(bytes, len, "channel 0");
	memcpy(bytes, "\x03\x00\x00\x00\x01", 5);
	refuse(bytes, 5, "data of no");
	refuse(bytes, TUNNEL_MAX_FRAME + 1, "too many");
	bytes[0] = TUNNEL_CREDIT;
	memset(bytes + 5, 0, 4);
	refuse(bytes, 9, "credit of nothing");
	refuse(bytes, 8, "another length");
	bytes[0] = TUNNEL_CLOSE;
	bytes[5] = 99;
	refuse(bytes, 6, "unknown reason");
	refuse(bytes, 5, "another length");
	refuse(bytes, 5 + 1 + TUNNEL_MAX_TEXT + 1, "another length");
	bytes[0] = 6;
	refuse(bytes, 6, "unknown kind");
	bytes[0] = 0;
	refuse(bytes, 6, "unknown kind");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_kind), cmocka_unit_test(test_layout),
					   cmocka_unit_test(test_long_text_is_cut_between_characters),
					   cmocka_unit_test(test_refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
