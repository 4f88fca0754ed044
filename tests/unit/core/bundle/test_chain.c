/* SPDX-License-Identifier: Apache-2.0 */
/* The console's hash chain: the numbers of its definition, and that order, place, time and run all count. */
#include <string.h>

#include <sodium.h>

#include "core/bundle/chain.h"
#include "tests/unit/core/base/cmocka_all.h"

static int setup(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

/* Worked out with printf, xxd and sha256sum:
 *   start=$(printf 'assay console chain 1 run 7\n' | sha256sum), segment=$(printf 'hello' | sha256sum),
 *   head=$(printf "$start$segment%016x%016x" 0 1000 | xxd -r -p | sha256sum) */
static void test_by_hand(void **state)
{
	struct chain_segment segment;
	struct chain chain;
	char head[CHAIN_HEX];

	(void)state;
	chain_init(&chain, 7);
	chain_head(&chain, head);
	assert_string_equal(head, "7f4016c8b094ad69722385d095a8741693bc0dec56179f23e55d668abd7d9f78");
	chain_add(&chain, "hello", 5, 1000, &segment);
	assert_string_equal(segment.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
	assert_string_equal(segment.head, "18656a23d70113266304cc0d319ee50e1aec5c35040778d25b8bc69b36efe2ea");
	chain_head(&chain, head);
	assert_string_equal(head, segment.head);
	assert_int_equal(chain.offset, 5);
}

static void head_of(int64_t run, const char *first, const char *second, int64_t at_us, char head[CHAIN_HEX])
{
	struct chain_segment segment;
	struct chain chain;

	chain_init(&chain, run);
	chain_add(&chain, first, strlen(first), at_us, &segment);
	chain_add(&chain, second, strlen(second), at_us + 1, &segment);
	chain_head(&chain, head);
}

static void test_everything_counts(void **state)
{
	char heads[5][CHAIN_HEX];

	(void)state;
	head_of(1, "one", "two", 5, heads[0]);
	head_of(2, "one", "two", 5, heads[1]);
	head_of(1, "two", "one", 5, heads[2]);
	head_of(1, "one", "two", 6, heads[3]);
	head_of(1, "onet", "wo", 5, heads[4]);
	for (int i = 0; i < 5; i++) {
		for (int j = 0; j < i; j++)
			assert_string_not_equal(heads[i], heads[j]);
	}
}

static void test_segments_read_back(void **state)
{
	struct chain_segment segment, again;
	struct chain chain;
	struct err err = {0};
	json_t *object;

	(void)state;
	chain_init(&chain, 1);
	chain_add(&chain, "x", 1, 12, &segment);
	object = chain_segment_to_json(&segment);
	assert_int_equal(chain_segment_from_json(object, &again, &err), 0);
	assert_memory_equal(&segment, &again, sizeof(segment));
	json_object_set_new(object, "sha256", json_string("12"));
	assert_int_equal(chain_segment_from_json(object, &again, &err), ERR_INVALID);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_everything_counts),
		cmocka_unit_test(test_segments_read_back),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
