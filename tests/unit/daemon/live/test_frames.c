/* SPDX-License-Identifier: Apache-2.0 */
/* Frames written once for many: found again by who may see them, and gone in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "daemon/live/frames.h"

#define ROOM 16u

static struct frames *made(void)
{
	struct frames *frames = (struct frames *)calloc(1, sizeof(*frames));

	assert_non_null(frames);
	frames_init(frames, ROOM, 1000);
	return frames;
}

static void gone(struct frames *frames)
{
	frames_finish(frames);
	free(frames);
}

static struct frame *add(struct frames *frames, const char *key, int64_t from, const char *text)
{
	struct frame *frame = frames_add(frames, key, from);

	assert_non_null(frame);
	assert_int_equal(frame->bytes.len, ROOM);
	assert_int_equal(frame->to, from);
	assert_int_equal(buf_append_text(&frame->bytes, text), 0);
	frame->to = from + 1;
	return frame;
}

static void test_is_found_by_key_and_place(void **state)
{
	struct frames *frames = made();

	(void)state;
	assert_null(frames_find(frames, "", 0));
	assert_null(frames_find(frames, "a", 0));
	struct frame *ours = add(frames, "a", 7, "ours");
	struct frame *theirs = add(frames, "b", 7, "theirs");
	assert_ptr_equal(frames_find(frames, "a", 7), ours);
	assert_ptr_equal(frames_find(frames, "b", 7), theirs);
	assert_string_equal(ours->bytes.data + ROOM, "ours");
	assert_string_equal(theirs->bytes.data + ROOM, "theirs");
	assert_null(frames_find(frames, "a", 8));
	assert_null(frames_find(frames, "ab", 7));
	gone(frames);
}

static void test_the_oldest_goes(void **state)
{
	struct frames *frames = made();

	(void)state;
	for (int64_t from = 0; from < 10 * (int64_t)FRAMES_MAX; from++) {
		add(frames, "a", from, "text");
		for (int64_t old = 0; old <= from; old++)
			assert_int_equal(frames_find(frames, "a", old) != NULL, from - old < (int64_t)FRAMES_MAX);
	}
	gone(frames);
}

static void test_a_frame_has_a_maximum(void **state)
{
	struct frames *frames = made();
	char text[1002];

	(void)state;
	memset(text, 'x', sizeof(text));
	struct frame *frame = frames_add(frames, "a", 1);
	assert_int_equal(buf_append(&frame->bytes, text, 1001), ERR_TOO_BIG);
	assert_int_equal(buf_append(&frame->bytes, text, 1000), 0);
	gone(frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_found_by_key_and_place),
		cmocka_unit_test(test_the_oldest_goes),
		cmocka_unit_test(test_a_frame_has_a_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
