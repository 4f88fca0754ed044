/* SPDX-License-Identifier: Apache-2.0 */
/* The table of board states, and the state that follows from the facts. */
#include "core/health/board_state.h"

#include <stddef.h>
#include <string.h>

static const char *const state_names[] = {
#define X(name, text) text,
	BOARD_STATES(X)
#undef X
};

static const char *const hold_names[] = {
#define X(name, text) text,
	BOARD_HOLDS(X)
#undef X
};

/* Nothing goes from where a board is not known to work into a run. After offline anything is found: what had begun
 * before its agent went away goes on. */
#define MAY(state) (1u << BOARD_##state)
static const unsigned may_follow[BOARD_STATE_COUNT] = {
	[BOARD_OFFLINE] = MAY(FREE) | MAY(LEASED) | MAY(RUNNING) | MAY(RECOVERING) | MAY(SUSPECT) | MAY(QUARANTINED) |
			  MAY(RETIRED),
	[BOARD_FREE] = MAY(OFFLINE) | MAY(LEASED) | MAY(RUNNING) | MAY(RECOVERING) | MAY(SUSPECT) | MAY(QUARANTINED) |
		       MAY(RETIRED),
	[BOARD_LEASED] = MAY(OFFLINE) | MAY(FREE) | MAY(RECOVERING) | MAY(SUSPECT) | MAY(QUARANTINED) | MAY(RETIRED),
	[BOARD_RUNNING] = MAY(OFFLINE) | MAY(FREE) | MAY(RECOVERING) | MAY(SUSPECT) | MAY(QUARANTINED) | MAY(RETIRED),
	[BOARD_RECOVERING] = MAY(OFFLINE) | MAY(FREE) | MAY(SUSPECT) | MAY(QUARANTINED) | MAY(RETIRED),
	[BOARD_SUSPECT] = MAY(OFFLINE) | MAY(FREE) | MAY(RECOVERING) | MAY(QUARANTINED) | MAY(RETIRED),
	[BOARD_QUARANTINED] = MAY(OFFLINE) | MAY(RECOVERING) | MAY(SUSPECT) | MAY(RETIRED),
	[BOARD_RETIRED] = MAY(OFFLINE) | MAY(RECOVERING) | MAY(SUSPECT) | MAY(QUARANTINED),
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

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

const char *board_state_name(enum board_state state)
{
	return (size_t)state < COUNT(state_names) ? state_names[state] : "unknown";
}

bool board_state_parse(const char *name, enum board_state *ret_state)
{
	size_t index;
	bool known = find(state_names, COUNT(state_names), name, &index);

	if (known)
		*ret_state = (enum board_state)index;
	return known;
}

const char *board_hold_name(enum board_hold hold)
{
	return (size_t)hold < COUNT(hold_names) ? hold_names[hold] : "unknown";
}

bool board_hold_parse(const char *name, enum board_hold *ret_hold)
{
	size_t index;
	bool known = find(hold_names, COUNT(hold_names), name, &index);

	if (known)
		*ret_hold = (enum board_hold)index;
	return known;
}

bool board_state_may_follow(enum board_state before, enum board_state after)
{
	return (may_follow[before] & (1u << after)) != 0;
}

static enum board_state state_of_work(enum board_work work)
{
	return work == BOARD_WORK_LEASE ? BOARD_LEASED : work == BOARD_WORK_CHECK ? BOARD_SUSPECT : BOARD_RUNNING;
}

enum board_state board_state_of(const struct board_facts *facts)
{
	bool has_work = facts->work != BOARD_WORK_NONE;

	if (!has_work && facts->hold == BOARD_HOLD_RETIRED)
		return BOARD_RETIRED;
	if (!has_work && facts->hold == BOARD_HOLD_QUARANTINED)
		return BOARD_QUARANTINED;
	if (!facts->is_connected)
		return BOARD_OFFLINE;
	if (has_work)
		return state_of_work(facts->work);
	if (facts->agent_says == BOARD_RUNNING) /* with what the farm does not know of, or no longer */
		return BOARD_RECOVERING;
	if (facts->agent_says != BOARD_FREE)
		return facts->agent_says;
	return facts->is_proven ? BOARD_FREE : BOARD_SUSPECT;
}
