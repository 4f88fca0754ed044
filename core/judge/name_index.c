/* SPDX-License-Identifier: Apache-2.0 */
/* The hash index: open addressing, never more than half full. */
#include "core/judge/name_index.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"

void name_index_init(struct name_index *index)
{
	*index = (struct name_index){0};
}

void name_index_finish(struct name_index *index)
{
	free(index->slots);
	name_index_init(index);
}

/* The slot that holds the name, or the free one where it would go. */
static struct name_index_slot *find(struct name_index_slot *slots, size_t size, const char *name)
{
	uint64_t hash = 14695981039346656037u;
	size_t at;

	for (const char *c = name; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 1099511628211u;
	for (at = (size_t)hash & (size - 1); slots[at].name && strcmp(slots[at].name, name) != 0;)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

static int grow(struct name_index *index)
{
	size_t size = index->size ? index->size * 2 : 64;
	struct name_index_slot *slots = calloc(size, sizeof(*slots));

	if (!slots)
		return ERR_NOMEM;
	for (size_t i = 0; i < index->size; i++) {
		if (index->slots[i].name)
			*find(slots, size, index->slots[i].name) = index->slots[i];
	}
	free(index->slots);
	index->slots = slots;
	index->size = size;
	return 0;
}

int name_index_put(struct name_index *index, const char *name, uint32_t value)
{
	struct name_index_slot *slot;

	if (2 * index->count >= index->size && grow(index))
		return ERR_NOMEM;
	slot = find(index->slots, index->size, name);
	if (!slot->name)
		index->count++;
	*slot = (struct name_index_slot){.name = name, .value = value};
	return 0;
}

bool name_index_get(const struct name_index *index, const char *name, uint32_t *ret_value)
{
	const struct name_index_slot *slot;

	if (index->count == 0)
		return false;
	slot = find(index->slots, index->size, name);
	if (!slot->name)
		return false;
	*ret_value = slot->value;
	return true;
}
