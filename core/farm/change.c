/* SPDX-License-Identifier: Apache-2.0 */
/* Changes: records and their texts in one block of memory, with thirty of them made and freed for each run. */
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/change.h"

static const size_t record_sizes[] = {
#define X(name, member, type) sizeof(type),
	RECORD_KINDS(X)
#undef X
};

/* More room, when the first is used up. */
struct change_block {
	struct change_block *next;
	max_align_t bytes[];
};

/* What a change with the end of a step takes, the most common one. */
#define FIRST_ROOM_BYTES 912
#define MORE_ROOM_BYTES  4000

struct change *change_create(void)
{
	struct change *change = mem_raw(sizeof(*change) + FIRST_ROOM_BYTES);

	memset(change, 0, sizeof(*change));
	list_init(&change->link);
	list_init(&change->records);
	change->size_bytes = sizeof(*change) + FIRST_ROOM_BYTES;
	atomic_init(&change->holders, 1);
	change->room = change->first_room;
	change->room_bytes = FIRST_ROOM_BYTES;
	return change;
}

static void add_block(struct change *change, size_t size)
{
	size_t room = size > MORE_ROOM_BYTES ? size : MORE_ROOM_BYTES;
	struct change_block *block = mem_raw(sizeof(*block) + room);

	block->next = change->blocks;
	change->blocks = block;
	change->room = (char *)block->bytes;
	change->room_bytes = room;
	change->size_bytes += sizeof(*block) + room;
}

/* Not zeroed. What does not fit into what is left gets a block, and what was left stays unused. */
static void *take_room(struct change *change, size_t size)
{
	char *at;

	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (size > change->room_bytes)
		add_block(change, size);
	at = change->room;
	change->room += size;
	change->room_bytes -= size;
	return at;
}

void *change_add(struct change *change, enum record_kind kind)
{
	struct record *record = take_room(change, sizeof(*record));

	memset(record, 0, sizeof(*record));
	record->kind = kind;
	record->as.any = take_room(change, record_sizes[kind]);
	memset(record->as.any, 0, record_sizes[kind]);
	list_append(&change->records, &record->link);
	return record->as.any;
}

void *change_copy(struct change *change, const void *data, size_t size)
{
	void *copy = take_room(change, size);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *change_text(struct change *change, const char *text)
{
	return text ? change_copy(change, text, strlen(text) + 1) : NULL;
}

char *change_line(struct change *change, const char *text)
{
	char line[FARM_TEXT_MAX];

	mem_text_into(line, sizeof(line), text);
	return change_text(change, line);
}

struct change *change_hold(struct change *change)
{
	(void)atomic_fetch_add_explicit(&change->holders, 1, memory_order_relaxed);
	return change;
}

bool change_empty(const struct change *change)
{
	return list_empty(&change->records);
}

/* What says whom a record is about: its kind and row, what it tells, and in which member. The run that an accepted
 * value comes from is not to blame for it. */
#define SUBJECTS(X)                                                                                                    \
	X(JOB, job, job, id)                                                                                           \
	X(RUN, run, job, job)                                                                                          \
	X(RUN, run, run, id)                                                                                           \
	X(PROGRESS, progress, run, run)                                                                                \
	X(STEP, step, run, run)                                                                                        \
	X(CASE, result, run, run)                                                                                      \
	X(MEASUREMENT, measurement, run, run)                                                                          \
	X(ARTEFACT, artefact, run, run)                                                                                \
	X(CONSOLE, console, run, run)                                                                                  \
	X(HOLD, hold, job, job)                                                                                        \
	X(LEASE, lease, run, run)                                                                                      \
	X(EVENT, event, job, job)                                                                                      \
	X(EVENT, event, run, run)

/* The same of those whose rack is to blame. */
#define RACKS(X)                                                                                                       \
	X(RECOVERY, recovery, agent)                                                                                   \
	X(BOARD, board, agent)                                                                                         \
	X(AGENT, agent, name)

/* Returns whether the record says what it is about. */
static bool subject_of(const struct record *record, struct change_refusal *refusal)
{
#define X(of_kind, row, about, member)                                                                                 \
	if (record->kind == RECORD_##of_kind)                                                                          \
		refusal->about = record->as.row->member;
	SUBJECTS(X)
#undef X
#define X(of_kind, row, member)                                                                                        \
	if (record->kind == RECORD_##of_kind)                                                                          \
		memcpy(refusal->agent, record->as.row->member, sizeof(refusal->agent));
	RACKS(X)
#undef X
	return refusal->job || refusal->run || refusal->agent[0];
}

void change_subject(const struct change *change, const struct record *failed, struct change_refusal *refusal)
{
	if (failed && subject_of(failed, refusal))
		return;
	list_for_each (link, &change->records) {
		if (subject_of(list_container(link, const struct record, link), refusal))
			return;
	}
}

/* What rows own outside of their change. */
#define OWNED(X)                                                                                                       \
	X(JOB, job, spec)                                                                                              \
	X(RUN, run, asked)                                                                                             \
	X(RUN, run, facts)                                                                                             \
	X(RUN, run, identity)                                                                                          \
	X(BOARD_TYPE, type, body)                                                                                      \
	X(SUITE, suite, text)                                                                                          \
	X(GOLDEN, golden, spec)                                                                                        \
	X(ARTEFACT, artefact, text)                                                                                    \
	X(RECOVERY, recovery, tries)                                                                                   \
	X(WEAR, wear, sectors)                                                                                         \
	X(SCHEDULE, schedule, text)                                                                                    \
	X(DROP, drop, files)                                                                                           \
	X(NIGHT, night, cells)                                                                                         \
	X(SUMMARY, summary, json)                                                                                      \
	X(SUMMARY, summary, text)                                                                                      \
	X(DEBTS, debts, body)

static void finish_row(const struct record *record)
{
#define X(of_kind, row, member)                                                                                        \
	if (record->kind == RECORD_##of_kind)                                                                          \
		free(record->as.row->member);
	OWNED(X)
#undef X
}

void change_destroy(struct change *change)
{
	if (!change || atomic_fetch_sub_explicit(&change->holders, 1, memory_order_acq_rel) > 1)
		return;
	list_for_each (link, &change->records)
		finish_row(list_container(link, struct record, link));
	while (change->blocks) {
		struct change_block *block = change->blocks;

		change->blocks = block->next;
		free(block);
	}
	free(change);
}
