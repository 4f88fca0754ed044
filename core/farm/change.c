/* SPDX-License-Identifier: Apache-2.0 */
/* Changes: records and their texts in one block of memory, with thirty of them made and freed for each run. */
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/record.h"

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

static const char *const record_kinds[] = {
#define X(name, member, type) #member,
	RECORD_KINDS(X)
#undef X
};

const char *record_kind_name(enum record_kind kind)
{
	return (size_t)kind < sizeof(record_kinds) / sizeof(record_kinds[0]) ? record_kinds[kind] : "unknown";
}

/* Returns whether the record says what it is about. */
static bool subject_of(const struct record *record, struct change_refusal *refusal)
{
	switch (record->kind) {
	case RECORD_JOB:
		refusal->job = record->as.job->id;
		break;
	case RECORD_RUN:
		refusal->job = record->as.run->job;
		refusal->run = record->as.run->id;
		break;
	case RECORD_PROGRESS:
		refusal->run = record->as.progress->run;
		break;
	case RECORD_STEP:
		refusal->run = record->as.step->run;
		break;
	case RECORD_CASE:
		refusal->run = record->as.result->run;
		break;
	case RECORD_MEASUREMENT:
		refusal->run = record->as.measurement->run;
		break;
	case RECORD_ARTEFACT:
		refusal->run = record->as.artefact->run;
		break;
	case RECORD_CONSOLE:
		refusal->run = record->as.console->run;
		break;
	case RECORD_HOLD:
		refusal->job = record->as.hold->job;
		break;
	case RECORD_LEASE:
		refusal->run = record->as.lease->run;
		break;
	case RECORD_EVENT:
		refusal->job = record->as.event->job;
		refusal->run = record->as.event->run;
		break;
	case RECORD_RECOVERY:
		memcpy(refusal->agent, record->as.recovery->agent, sizeof(refusal->agent));
		break;
	case RECORD_BOARD:
		memcpy(refusal->agent, record->as.board->agent, sizeof(refusal->agent));
		break;
	case RECORD_AGENT:
		memcpy(refusal->agent, record->as.agent->name, sizeof(refusal->agent));
		break;
	case RECORD_BOARD_TYPE:
	case RECORD_SUITE:
	case RECORD_WAIVER:
	case RECORD_SCHEDULE:
	case RECORD_DROP:
	case RECORD_NIGHT:
	case RECORD_SUMMARY:
	case RECORD_ACCEPTANCE:
	case RECORD_DELIVERY:
	case RECORD_SECRET:
	case RECORD_GOLDEN:
	case RECORD_HELD_IMAGE:
	case RECORD_TRIED_IMAGE:
	case RECORD_ORG:
	case RECORD_MEMBER:
	case RECORD_DRAIN:
	case RECORD_DEBTS:
	case RECORD_DIAGNOSIS:
	case RECORD_WEAR:
	case RECORD_BOARD_TIME:
	case RECORD_ACCEPTED: /* the run it comes from is not to blame */
		break;
	}
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

/* Frees what a row owns outside of its change. */
static void finish_row(const struct record *record)
{
	switch (record->kind) {
	case RECORD_JOB:
		free(record->as.job->spec);
		break;
	case RECORD_RUN:
		free(record->as.run->asked);
		free(record->as.run->facts);
		free(record->as.run->identity);
		break;
	case RECORD_BOARD_TYPE:
		free(record->as.type->body);
		break;
	case RECORD_SUITE:
		free(record->as.suite->text);
		break;
	case RECORD_GOLDEN:
		free(record->as.golden->spec);
		break;
	case RECORD_ARTEFACT:
		free(record->as.artefact->text);
		break;
	case RECORD_RECOVERY:
		free(record->as.recovery->tries);
		break;
	case RECORD_WEAR:
		free(record->as.wear->sectors);
		break;
	case RECORD_SCHEDULE:
		free(record->as.schedule->text);
		break;
	case RECORD_DROP:
		free(record->as.drop->files);
		break;
	case RECORD_NIGHT:
		free(record->as.night->cells);
		break;
	case RECORD_SUMMARY:
		free(record->as.summary->json);
		free(record->as.summary->text);
		break;
	case RECORD_DEBTS:
		free(record->as.debts->body);
		break;
	case RECORD_WAIVER:
	case RECORD_HELD_IMAGE:
	case RECORD_TRIED_IMAGE:
	case RECORD_ORG:
	case RECORD_MEMBER:
	case RECORD_DRAIN:
	case RECORD_ACCEPTED:
	case RECORD_ACCEPTANCE:
	case RECORD_DELIVERY:
	case RECORD_SECRET:
	case RECORD_PROGRESS:
	case RECORD_STEP:
	case RECORD_CASE:
	case RECORD_CONSOLE:
	case RECORD_EVENT:
	case RECORD_MEASUREMENT:
	case RECORD_DIAGNOSIS:
	case RECORD_BOARD:
	case RECORD_BOARD_TIME:
	case RECORD_HOLD:
	case RECORD_LEASE:
	case RECORD_AGENT:
		break;
	}
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
