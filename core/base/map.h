/* SPDX-License-Identifier: Apache-2.0 */
/* An intrusive hash map: elements hold their node, the caller compares keys. */
#ifndef ASSAY_BASE_MAP_H
#define ASSAY_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_node {
	struct map_node *next;
	uint64_t hash;
};

/* Elements are not owned. */
struct map {
	struct map_node **bucket;
	size_t bucket_count; /* a power of two, or 0 */
	size_t count;
};

#define map_container(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

void map_init(struct map *map);
void map_finish(struct map *map); /* forgets the elements */

uint64_t map_hash_int(int64_t key);
uint64_t map_hash_text(const char *key);

/* Adds node under hash; the caller has made sure that its key is not there yet. */
void map_add(struct map *map, struct map_node *node, uint64_t hash);
/* node must be in the map. */
void map_remove(struct map *map, struct map_node *node);

/* The nodes with that hash, to compare keys: for (n = map_first(m, h); n && !mine(n); n = map_same(n)). */
struct map_node *map_first(const struct map *map, uint64_t hash);
struct map_node *map_same(const struct map_node *node);

/* Walks all elements in no order: start with NULL; NULL at the end. The map may not change meanwhile. */
struct map_node *map_next(const struct map *map, const struct map_node *node);

#endif
