/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of events: order, bounds, gaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/live/ring.h"

static struct live_event *event(int64_t seq, size_t text_len)
{
	struct event_record record = {.seq = seq, .org = "default"};
	char text[512];

	memset(text, 'x', text_len);
	text[text_len] = '\0';
	record.body = text;
	struct live_event *made = live_event_create(&record);
	assert_non_null(made);
	assert_int_equal(made->text_len, text_len);
	return made;
}

static void check_holds(const struct ring *ring, int64_t first, int64_t last)
{
	assert_int_equal(ring->first, first);
	assert_int_equal(ring->last, last);
	for (int64_t seq = first; seq <= last; seq++) {
		const struct live_event *held = ring_get(ring, seq);
		assert_non_null(held);
		assert_int_equal(held->seq, seq);
	}
	assert_null(ring_get(ring, first - 1));
	assert_null(ring_get(ring, last + 1));
}

static void test_begins_empty_after_what_was(void **state)
{
	struct ring ring;

	(void)state;
	assert_int_equal(ring_init(&ring, 4, 1000, 41), 0);
	check_holds(&ring, 42, 41);
	assert_true(ring_push(&ring, event(42, 10)));
	check_holds(&ring, 42, 42);
	ring_finish(&ring);
}

static void test_the_oldest_go_when_it_is_full(void **state)
{
	struct ring ring;

	(void)state;
	assert_int_equal(ring_init(&ring, 4, 1000, 0), 0);
	for (int64_t seq = 1; seq <= 1000; seq++) {
		assert_true(ring_push(&ring, event(seq, 10)));
		check_holds(&ring, seq > 4 ? seq - 3 : 1, seq);
		assert_int_equal(ring.bytes, 10 * (size_t)(ring.last - ring.first + 1));
	}
	ring_finish(&ring);
}

static void test_bytes_are_bounded_too(void **state)
{
	struct ring ring;

	(void)state;
	assert_int_equal(ring_init(&ring, 100, 100, 0), 0);
	for (int64_t seq = 1; seq <= 10; seq++)
		assert_true(ring_push(&ring, event(seq, 30)));
	check_holds(&ring, 8, 10);
	/* One larger than all is held alone: somebody must be told of it. */
	assert_true(ring_push(&ring, event(11, 500)));
	check_holds(&ring, 11, 11);
	ring_finish(&ring);
}

static void test_a_gap_begins_it_anew_and_the_past_is_dropped(void **state)
{
	struct ring ring;

	(void)state;
	assert_int_equal(ring_init(&ring, 8, 1000, 0), 0);
	for (int64_t seq = 1; seq <= 5; seq++)
		assert_true(ring_push(&ring, event(seq, 10)));
	assert_true(ring_push(&ring, event(9, 10)));
	check_holds(&ring, 9, 9);
	assert_false(ring_push(&ring, event(9, 10)));
	assert_false(ring_push(&ring, event(3, 10)));
	check_holds(&ring, 9, 9);
	assert_true(ring_push(&ring, event(10, 10)));
	check_holds(&ring, 9, 10);
	ring_finish(&ring);
	ring_finish(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begins_empty_after_what_was),
		cmocka_unit_test(test_the_oldest_go_when_it_is_full),
		cmocka_unit_test(test_bytes_are_bounded_too),
		cmocka_unit_test(test_a_gap_begins_it_anew_and_the_past_is_dropped),
	};

	return cmocka_run_group_tests_name("live/ring", tests, NULL, NULL);
}
