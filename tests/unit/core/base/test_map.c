/* SPDX-License-Identifier: Apache-2.0 */
/* The hash map. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/map.h"

struct item {
	int64_t key;
	struct map_node node;
};

static struct item items[1000];

static struct item *find(const struct map *map, int64_t key, uint64_t hash)
{
	struct map_node *node = map_first(map, hash);

	while (node && map_container(node, struct item, node)->key != key)
		node = map_same(node);
	return node ? map_container(node, struct item, node) : NULL;
}

static size_t count(const struct map *map)
{
	size_t n = 0;

	for (struct map_node *node = map_next(map, NULL); node; node = map_next(map, node))
		n++;
	return n;
}

static void test_an_empty_map(void **state)
{
	struct map map;

	(void)state;
	map_init(&map);
	assert_null(map_first(&map, 1));
	assert_null(map_next(&map, NULL));
	map_finish(&map);
}

static void test_what_was_added_is_found_until_it_is_removed(void **state)
{
	struct map map;

	(void)state;
	map_init(&map);
	for (int64_t i = 0; i < 1000; i++) {
		items[i].key = i;
		map_add(&map, &items[i].node, map_hash_int(i));
		assert_ptr_equal(find(&map, i / 2, map_hash_int(i / 2)), &items[i / 2]);
	}
	assert_int_equal(count(&map), 1000);
	for (int64_t i = 0; i < 1000; i += 3)
		map_remove(&map, &items[i].node);
	for (int64_t i = 0; i < 1000; i++)
		assert_int_equal(find(&map, i, map_hash_int(i)) != NULL, i % 3 != 0);
	assert_int_equal(count(&map), map.count);
	map_finish(&map);
	assert_int_equal(map.count, 0);
}

static void test_equal_hashes_are_told_apart_by_key(void **state)
{
	struct map map;

	(void)state;
	map_init(&map);
	for (int64_t i = 0; i < 100; i++) {
		items[i].key = i;
		map_add(&map, &items[i].node, (uint64_t)(i % 4) * 16); /* few hashes, all in few buckets */
	}
	for (int64_t i = 0; i < 100; i++)
		assert_ptr_equal(find(&map, i, (uint64_t)(i % 4) * 16), &items[i]);
	assert_null(find(&map, 1, 0));
	for (int64_t i = 0; i < 100; i++)
		map_remove(&map, &items[99 - i].node);
	assert_null(map_next(&map, NULL));
	map_finish(&map);
}

static void test_hashes_spread(void **state)
{
	unsigned used[256] = {0};
	char name[32];

	(void)state;
	for (int i = 0; i < 4096; i++) {
		(void)snprintf(name, sizeof(name), "board%d", i);
		used[map_hash_text(name) % 256]++;
		used[map_hash_int(i) % 256]++;
	}
	for (int i = 0; i < 256; i++)
		assert_in_range(used[i], 8, 80);
	assert_int_equal(map_hash_text("mb1"), map_hash_text("mb1"));
	assert_int_not_equal(map_hash_text("mb1"), map_hash_text("mb2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_map),
		cmocka_unit_test(test_what_was_added_is_found_until_it_is_removed),
		cmocka_unit_test(test_equal_hashes_are_told_apart_by_key),
		cmocka_unit_test(test_hashes_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
