/* SPDX-License-Identifier: Apache-2.0 */
/* The last durations of each kind of run. */
#include "core/farm/estimate.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct kind {
	struct map_node node;
	struct list link; /* in recent */
	char *name;
	int64_t took_us[ESTIMATE_LAST]; /* a ring */
	unsigned count, next;
};

static struct kind *kind_of(struct map_node *node)
{
	return map_container(node, struct kind, node);
}

static struct kind *kind_find(const struct estimates *estimates, const char *name)
{
	struct map_node *node = map_first(&estimates->kinds, map_hash_text(name));

	while (node && strcmp(kind_of(node)->name, name) != 0)
		node = map_same(node);
	return node ? kind_of(node) : NULL;
}

static void kind_drop(struct estimates *estimates, struct kind *kind)
{
	map_remove(&estimates->kinds, &kind->node);
	list_remove(&kind->link);
	free(kind->name);
	free(kind);
}

static struct kind *kind_make(struct estimates *estimates, const char *name)
{
	struct kind *kind;

	if (estimates->kinds.count == ESTIMATE_MAX_KINDS)
		kind_drop(estimates, list_container(estimates->recent.next, struct kind, link));
	kind = mem_alloc(sizeof(*kind));
	kind->name = mem_text(name);
	list_init(&kind->link);
	map_add(&estimates->kinds, &kind->node, map_hash_text(name));
	return kind;
}

void estimates_init(struct estimates *estimates)
{
	map_init(&estimates->kinds);
	list_init(&estimates->recent);
}

void estimates_finish(struct estimates *estimates)
{
	while (!list_empty(&estimates->recent))
		kind_drop(estimates, list_container(estimates->recent.next, struct kind, link));
	map_finish(&estimates->kinds);
}

void estimates_note(struct estimates *estimates, const char *name, int64_t took_us)
{
	struct kind *kind = kind_find(estimates, name);

	if (!kind)
		kind = kind_make(estimates, name);
	list_remove(&kind->link);
	list_append(&estimates->recent, &kind->link);
	kind->took_us[kind->next] = took_us > 0 ? took_us : 0;
	kind->next = (kind->next + 1) % ESTIMATE_LAST;
	if (kind->count < ESTIMATE_LAST)
		kind->count++;
}

static int by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

struct estimate estimates_of(const struct estimates *estimates, const char *name)
{
	const struct kind *kind = kind_find(estimates, name);
	int64_t sorted[ESTIMATE_LAST];
	unsigned tenth;

	if (!kind)
		return (struct estimate){ESTIMATE_GUESS_US, ESTIMATE_GUESS_US, ESTIMATE_GUESS_US};
	memcpy(sorted, kind->took_us, kind->count * sizeof(int64_t));
	qsort(sorted, kind->count, sizeof(int64_t), by_length);
	tenth = kind->count / 10;
	return (struct estimate){sorted[kind->count / 2], sorted[tenth], sorted[kind->count - 1 - tenth]};
}
