/* SPDX-License-Identifier: Apache-2.0 */
/* Console tails: any chunks, repeated, overlapping or with holes, against a plain model of the console. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sodium.h>

#include "core/base/json.h"
#include "daemon/live/tail.h"

#define CONSOLE_BYTES 200000

static uint8_t console[CONSOLE_BYTES];

static struct tail *append(struct tails *tails, int64_t run, uint64_t offset, size_t len)
{
	struct console_record record = {.run = run,
					.offset = offset,
					.at_us = (int64_t)offset + 1,
					.data = console + offset,
					.size_bytes = len};
	struct tail *tail = tails_append(tails, &record, 1, "default", "b1");

	assert_non_null(tail);
	return tail;
}

static void check_bytes(const struct tail *tail)
{
	assert_true(tail->end - tail->start <= tail->max);
	assert_memory_equal(tail->data, console + tail->start, tail->end - tail->start);
}

/* Takes a piece apart and holds it against the console. */
static void check_piece(struct tail *tail, uint64_t offset, size_t max_len)
{
	static uint8_t bytes[CONSOLE_BYTES];
	size_t told = 0, len = 0;
	const char *text = tail_piece(tail, offset, max_len, &told);
	json_t *piece = text ? json_loads(text, 0, NULL) : NULL;

	assert_non_null(piece);
	const char *data = json_string_value(json_object_get(piece, "data"));
	assert_non_null(data);
	assert_int_equal(sodium_base642bin(bytes, sizeof(bytes), data, strlen(data), NULL, &len, NULL,
					   sodium_base64_VARIANT_ORIGINAL),
			 0);
	assert_int_equal(len, told);
	assert_true(told > 0 && told <= max_len);
	assert_int_equal(json_integer_value(json_object_get(piece, "offset")), offset);
	assert_int_equal(json_integer_value(json_object_get(piece, "run")), tail->run);
	assert_memory_equal(bytes, console + offset, len);
	json_decref(piece);
}

static void test_follows_a_console_of_any_chunks(void **state)
{
	struct tails tails;
	uint64_t at = 0;

	(void)state;
	tails_init(&tails, 4096);
	while (at < CONSOLE_BYTES) {
		size_t len = 1 + randombytes_uniform(3000);
		len = len < CONSOLE_BYTES - at ? len : CONSOLE_BYTES - at;
		struct tail *tail = append(&tails, 7, at, len);
		at += len;
		assert_int_equal(tail->end, at);
		assert_true(at < 4096 || tail->end - tail->start >= 4096);
		check_bytes(tail);
		check_piece(tail, tail->start, 1000);
		check_piece(tail, tail->end - 1, 1000);
		check_piece(tail, tail->end - 1, 1000);
	}
	tails_finish(&tails);
}

static void test_repeats_and_overlaps_change_nothing(void **state)
{
	struct tails tails;

	(void)state;
	tails_init(&tails, 4096);
	append(&tails, 7, 0, 100);
	append(&tails, 7, 0, 100);
	append(&tails, 7, 20, 30);
	struct tail *tail = append(&tails, 7, 50, 100);
	assert_int_equal(tail->start, 0);
	assert_int_equal(tail->end, 150);
	check_bytes(tail);
	tails_finish(&tails);
}

static void test_a_hole_begins_it_anew(void **state)
{
	struct tails tails;

	(void)state;
	tails_init(&tails, 4096);
	append(&tails, 7, 0, 100);
	struct tail *tail = append(&tails, 7, 500, 100);
	assert_int_equal(tail->start, 500);
	assert_int_equal(tail->end, 600);
	check_bytes(tail);
	tails_finish(&tails);
}

static void test_a_chunk_larger_than_all_keeps_its_end(void **state)
{
	struct tails tails;

	(void)state;
	tails_init(&tails, 4096);
	append(&tails, 7, 0, 100);
	struct tail *tail = append(&tails, 7, 100, 50000);
	assert_int_equal(tail->end, 50100);
	check_bytes(tail);
	check_piece(tail, tail->start, 100);
	tails_finish(&tails);
}

static void test_time_is_that_of_the_chunk(void **state)
{
	struct tails tails;
	size_t told;

	(void)state;
	tails_init(&tails, 65536);
	for (uint64_t at = 0; at < 1000; at += 100)
		append(&tails, 7, at, 100);
	struct tail *tail = tails_find(&tails, 7);
	assert_non_null(strstr(tail_piece(tail, 350, 10, &told), "\"at_us\":301,"));
	assert_non_null(strstr(tail_piece(tail, 0, 10, &told), "\"at_us\":1,"));
	tails_finish(&tails);
}

static void test_the_number_of_tails_is_bounded(void **state)
{
	struct tails tails;

	(void)state;
	tails_init(&tails, 4096);
	for (int64_t run = 1; run <= 3 * TAIL_MAX_RUNS; run++) {
		append(&tails, run, 0, 10);
		append(&tails, 1, (uint64_t)run * 10, 10);
		assert_true(tails.count <= TAIL_MAX_RUNS);
	}
	assert_non_null(tails_find(&tails, 1));
	assert_null(tails_find(&tails, 2));
	assert_non_null(tails_find(&tails, 3 * TAIL_MAX_RUNS));
	tails_finish(&tails);
	assert_null(tails_find(&tails, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follows_a_console_of_any_chunks),
		cmocka_unit_test(test_repeats_and_overlaps_change_nothing),
		cmocka_unit_test(test_a_hole_begins_it_anew),
		cmocka_unit_test(test_a_chunk_larger_than_all_keeps_its_end),
		cmocka_unit_test(test_time_is_that_of_the_chunk),
		cmocka_unit_test(test_the_number_of_tails_is_bounded),
	};

	randombytes_buf(console, sizeof(console));
	return cmocka_run_group_tests_name("live/tail", tests, NULL, NULL);
}
