/* SPDX-License-Identifier: Apache-2.0 */
/* The words of states and events, and changes. */
#include "core/farm/record.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const job_states[] = {
#define X(name, text) text,
	JOB_STATES(X)
#undef X
};

static const char *const job_kinds[] = {
#define X(name, text) text,
	JOB_KINDS(X)
#undef X
};

static const char *const run_states[] = {
#define X(name, text) text,
	RUN_STATES(X)
#undef X
};

static const char *const event_types[] = {
#define X(name, text) text,
	EVENT_TYPES(X)
#undef X
};

static const char *const night_stages[] = {
#define X(name, text) text,
	NIGHT_STAGES(X)
#undef X
};

static const char *const delivery_kinds[] = {
#define X(name, text) text,
	DELIVERY_KINDS(X)
#undef X
};

static const char *const delivery_states[] = {
#define X(name, text) text,
	DELIVERY_STATES(X)
#undef X
};

static bool find(const char *const names[], size_t count, const char *name, size_t *ret_index)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

const char *job_state_name(enum job_state state)
{
	return (size_t)state < COUNT(job_states) ? job_states[state] : "unknown";
}

const char *job_kind_name(enum job_kind kind)
{
	return (size_t)kind < COUNT(job_kinds) ? job_kinds[kind] : "unknown";
}

const char *run_state_name(enum run_state state)
{
	return (size_t)state < COUNT(run_states) ? run_states[state] : "unknown";
}

const char *event_type_name(enum event_type type)
{
	return (size_t)type < COUNT(event_types) ? event_types[type] : "unknown";
}

const char *night_stage_name(enum night_stage stage)
{
	return (size_t)stage < COUNT(night_stages) ? night_stages[stage] : "unknown";
}

const char *delivery_kind_name(enum delivery_kind kind)
{
	return (size_t)kind < COUNT(delivery_kinds) ? delivery_kinds[kind] : "unknown";
}

const char *delivery_state_name(enum delivery_state state)
{
	return (size_t)state < COUNT(delivery_states) ? delivery_states[state] : "unknown";
}

bool night_stage_parse(const char *name, enum night_stage *ret_stage)
{
	size_t index;
	bool known = find(night_stages, COUNT(night_stages), name, &index);

	if (known)
		*ret_stage = (enum night_stage)index;
	return known;
}

bool job_state_parse(const char *name, enum job_state *ret_state)
{
	size_t index;
	bool known = find(job_states, COUNT(job_states), name, &index);

	if (known)
		*ret_state = (enum job_state)index;
	return known;
}

bool job_kind_parse(const char *name, enum job_kind *ret_kind)
{
	size_t index;
	bool known = find(job_kinds, COUNT(job_kinds), name, &index);

	if (known)
		*ret_kind = (enum job_kind)index;
	return known;
}

bool run_state_parse(const char *name, enum run_state *ret_state)
{
	size_t index;
	bool known = find(run_states, COUNT(run_states), name, &index);

	if (known)
		*ret_state = (enum run_state)index;
	return known;
}

static const size_t record_sizes[] = {
#define X(name, member, type) sizeof(type),
	RECORD_KINDS(X)
#undef X
};

struct change *change_create(void)
{
	struct change *change = mem_alloc(sizeof(*change));

	list_init(&change->link);
	list_init(&change->records);
	change->size_bytes = sizeof(*change);
	return change;
}

void *change_add(struct change *change, enum record_kind kind)
{
	struct record *record = mem_alloc(sizeof(*record));

	record->kind = kind;
	record->as.any = mem_alloc(record_sizes[kind]);
	list_append(&change->records, &record->link);
	change->size_bytes += sizeof(*record) + record_sizes[kind];
	return record->as.any;
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
	return (size_t)kind < COUNT(record_kinds) ? record_kinds[kind] : "unknown";
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

/* Frees what a row owns, not the row. */
static void finish_row(const struct record *record)
{
	switch (record->kind) {
	case RECORD_JOB:
		free(record->as.job->spec);
		break;
	case RECORD_CASE:
		free(record->as.result->group);
		free(record->as.result->name);
		free(record->as.result->message);
		break;
	case RECORD_RUN:
		free(record->as.run->asked);
		free(record->as.run->facts);
		free(record->as.run->identity);
		break;
	case RECORD_MEASUREMENT:
		free(record->as.measurement->group);
		free(record->as.measurement->name);
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
	case RECORD_EVENT:
		free(record->as.event->body);
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
	case RECORD_CONSOLE:
		free(record->as.console->data);
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
	case RECORD_ORG:
	case RECORD_MEMBER:
	case RECORD_DRAIN:
	case RECORD_ACCEPTED:
	case RECORD_ACCEPTANCE:
	case RECORD_DELIVERY:
	case RECORD_SECRET:
	case RECORD_PROGRESS:
	case RECORD_STEP:
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
	if (!change)
		return;
	list_for_each_safe (link, &change->records) {
		struct record *record = list_container(link, struct record, link);

		finish_row(record);
		free(record->as.any);
		free(record);
	}
	free(change);
}

void farm_records_finish(struct farm_records *records)
{
	for (size_t i = 0; i < records->job_count; i++)
		free(records->jobs[i].spec);
	for (size_t i = 0; i < records->run_count; i++)
		free(records->runs[i].asked);
	for (size_t i = 0; i < records->type_count; i++)
		free(records->types[i].body);
	for (size_t i = 0; i < records->suite_count; i++)
		free(records->suites[i].text);
	for (size_t i = 0; i < records->schedule_count; i++)
		free(records->schedules[i].text);
	for (size_t i = 0; i < records->drop_count; i++)
		free(records->drops[i].files);
	for (size_t i = 0; i < records->night_count; i++)
		free(records->nights[i].cells);
	free(records->schedules);
	free(records->drops);
	free(records->nights);
	free(records->secrets);
	for (size_t i = 0; i < records->golden_count; i++)
		free(records->goldens[i].spec);
	free(records->goldens);
	free(records->held_images);
	for (size_t i = 0; i < records->wear_count; i++)
		free(records->wears[i].sectors);
	free(records->wears);
	free(records->diagnoses);
	free(records->jobs);
	free(records->runs);
	free(records->open_steps);
	free(records->boards);
	free(records->times);
	free(records->leases);
	free(records->agents);
	free(records->types);
	free(records->suites);
	free(records->waivers);
	free(records->orgs);
	free(records->members);
	free(records->drains);
	free(records->debts);
	free(records->accepted);
	free(records->holds);
	memset(records, 0, sizeof(*records));
}
