/* SPDX-License-Identifier: Apache-2.0 */
/* The words of states, events and records. */
#include "core/farm/record.h"

#include <string.h>

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

static const char *const record_kinds[] = {
#define X(name, member, type) #member,
	RECORD_KINDS(X)
#undef X
};

const char *record_kind_name(enum record_kind kind)
{
	return (size_t)kind < sizeof(record_kinds) / sizeof(record_kinds[0]) ? record_kinds[kind] : "unknown";
}
