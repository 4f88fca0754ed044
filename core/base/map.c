/* SPDX-License-Identifier: Apache-2.0 */
/* The hash map: chains in a table that doubles. */
#include "core/base/map.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define FIRST_BUCKETS 16

void map_init(struct map *map)
{
	memset(map, 0, sizeof(*map));
}

void map_finish(struct map *map)
{
	free(map->bucket);
	map_init(map);
}

uint64_t map_hash_int(int64_t key)
{
	uint64_t h = (uint64_t)key;

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	return h ^ (h >> 31);
}

uint64_t map_hash_text(const char *key)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (const unsigned char *c = (const unsigned char *)key; *c; c++)
		h = (h ^ *c) * 0x100000001b3u;
	return map_hash_int((int64_t)h);
}

static struct map_node **slot(const struct map *map, uint64_t hash)
{
	return &map->bucket[hash & (map->bucket_count - 1)];
}

static void grow(struct map *map)
{
	struct map bigger = {.bucket_count = map->bucket_count ? 2 * map->bucket_count : FIRST_BUCKETS,
			     .count = map->count};

	bigger.bucket = mem_alloc_array(bigger.bucket_count, sizeof(struct map_node *));
	for (size_t i = 0; i < map->bucket_count; i++) {
		for (struct map_node *node = map->bucket[i], *next; node; node = next) {
			struct map_node **into = slot(&bigger, node->hash);

			next = node->next;
			node->next = *into;
			*into = node;
		}
	}
	free(map->bucket);
	*map = bigger;
}

void map_add(struct map *map, struct map_node *node, uint64_t hash)
{
	struct map_node **into;

	if (map->count >= map->bucket_count)
		grow(map);
	into = slot(map, hash);
	node->hash = hash;
	node->next = *into;
	*into = node;
	map->count++;
}

void map_remove(struct map *map, struct map_node *node)
{
	struct map_node **at = slot(map, node->hash);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	node->next = NULL;
	map->count--;
}

struct map_node *map_first(const struct map *map, uint64_t hash)
{
	struct map_node *node = map->bucket_count ? *slot(map, hash) : NULL;

	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct map_node *map_same(const struct map_node *node)
{
	struct map_node *next = node->next;

	while (next && next->hash != node->hash)
		next = next->next;
	return next;
}

struct map_node *map_next(const struct map *map, const struct map_node *node)
{
	size_t i = 0;

	if (node && node->next)
		return node->next;
	if (node)
		i = (node->hash & (map->bucket_count - 1)) + 1;
	for (; i < map->bucket_count; i++) {
		if (map->bucket[i])
			return map->bucket[i];
	}
	return NULL;
}
