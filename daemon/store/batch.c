/* SPDX-License-Identifier: Apache-2.0 */
/* Thinning a batch: from the last record to the first, with a table of whose last word is known. A run that takes
 * milliseconds is told of by thirty changes that are committed together, each with a row of how far it is. */
#include "daemon/store/batch.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/farm/change.h"

/* Open addressing; at most half full. */
struct words {
	const struct record **slot;
	size_t mask;
};

/* Records that are told apart by this share it. 0: the kind is never written over. Of a run's own row only how far it
 * is goes away: the row must be there first, and what its states set off must happen. */
static uint64_t hash_of(const struct record *record)
{
	switch (record->kind) {
	case RECORD_RUN:
		return map_hash_int(record->as.run->id) | 1;
	case RECORD_PROGRESS:
		return map_hash_int(record->as.progress->run) | 1;
	case RECORD_STEP:
		return map_hash_int(record->as.step->run * 8191 + record->as.step->serial) | 1;
	case RECORD_BOARD:
		return map_hash_text(record->as.board->name) | 1;
	case RECORD_BOARD_TIME:
		return (map_hash_text(record->as.time->board) + (uint64_t)record->as.time->day.day * 8191) | 1;
	case RECORD_LEASE:
		return map_hash_int(record->as.lease->run * 127 + record->as.lease->fence) | 1;
	default:
		return 0;
	}
}

static int64_t run_of(const struct record *record)
{
	return record->kind == RECORD_RUN ? record->as.run->id : record->as.progress->run;
}

static bool is_run(const struct record *record)
{
	return record->kind == RECORD_RUN || record->kind == RECORD_PROGRESS;
}

static bool same_row(const struct record *a, const struct record *b)
{
	if (is_run(a) && is_run(b))
		return run_of(a) == run_of(b);
	if (a->kind != b->kind)
		return false;
	if (a->kind == RECORD_STEP)
		return a->as.step->run == b->as.step->run && a->as.step->serial == b->as.step->serial;
	if (a->kind == RECORD_BOARD)
		return strcmp(a->as.board->name, b->as.board->name) == 0;
	if (a->kind == RECORD_BOARD_TIME)
		return a->as.time->day.day == b->as.time->day.day && strcmp(a->as.time->board, b->as.time->board) == 0;
	return a->as.lease->fence == b->as.lease->fence && strcmp(a->as.lease->board, b->as.lease->board) == 0;
}

/* Returns whether a later record of the row is there; else this one is the last. */
static bool seen(struct words *words, const struct record *record, uint64_t hash)
{
	size_t at = (size_t)(hash >> 1) & words->mask;

	for (; words->slot[at]; at = (at + 1) & words->mask) {
		if (same_row(words->slot[at], record))
			return true;
	}
	words->slot[at] = record;
	return false;
}

static void words_init(struct words *words, const struct list *changes)
{
	size_t count = 0, size = 64;

	list_for_each (change, changes) {
		list_for_each (link, &list_container(change, const struct change, link)->records)
			count += hash_of(list_container(link, const struct record, link)) != 0;
	}
	while (size < 2 * count)
		size *= 2;
	words->slot = mem_alloc_array(size, sizeof(*words->slot));
	words->mask = size - 1;
}

void batch_thin(struct list *changes)
{
	struct words words;

	words_init(&words, changes);
	for (struct list *at = changes->prev; at != changes; at = at->prev) {
		struct change *change = list_container(at, struct change, link);

		for (struct list *link = change->records.prev; link != &change->records; link = link->prev) {
			struct record *record = list_container(link, struct record, link);
			uint64_t hash = hash_of(record);

			record->superseded = hash && seen(&words, record, hash) && record->kind != RECORD_RUN;
		}
	}
	free(words.slot);
}
