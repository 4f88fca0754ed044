/* SPDX-License-Identifier: Apache-2.0 */
/* The recovery ladder's walk. */
#include "core/health/ladder.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const rung_names[] = {
#define X(name, text) text,
	RECOVERY_RUNGS(X)
#undef X
};

static const char *const result_names[] = {
#define X(name, text) text,
	RUNG_RESULTS(X)
#undef X
};

static const char *const end_names[] = {
#define X(name, text) text,
	LADDER_ENDS(X)
#undef X
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Index of name, or count. */
static size_t find(const char *const *names, size_t count, const char *name)
{
	size_t i = 0;

	while (i < count && strcmp(names[i], name) != 0)
		i++;
	return i;
}

const char *recovery_rung_name(enum recovery_rung rung)
{
	return (size_t)rung < COUNT(rung_names) ? rung_names[rung] : "unknown";
}

const char *rung_result_name(enum rung_result result)
{
	return (size_t)result < COUNT(result_names) ? result_names[result] : "unknown";
}

const char *ladder_end_name(enum ladder_end end)
{
	return (size_t)end < COUNT(end_names) ? end_names[end] : "unknown";
}

bool recovery_rung_parse(const char *name, enum recovery_rung *ret_rung)
{
	size_t i = find(rung_names, COUNT(rung_names), name);

	if (i < COUNT(rung_names))
		*ret_rung = (enum recovery_rung)i;
	return i < COUNT(rung_names);
}

bool rung_result_parse(const char *name, enum rung_result *ret_result)
{
	size_t i = find(result_names, COUNT(result_names), name);

	if (i < COUNT(result_names))
		*ret_result = (enum rung_result)i;
	return i < COUNT(result_names);
}

bool ladder_end_parse(const char *name, enum ladder_end *ret_end)
{
	size_t i = find(end_names, COUNT(end_names), name);

	if (i < COUNT(end_names))
		*ret_end = (enum ladder_end)i;
	return i < COUNT(end_names);
}

enum recovery_rung ladder_fits(enum cause cause)
{
	switch (cause) {
	case CAUSE_ATTACH:
	case CAUSE_IDENTITY:
		return RUNG_LINE_RESET;
	case CAUSE_FLASH:
	case CAUSE_VERIFY:
	case CAUSE_RESET:
		return RUNG_TARGET_RESET;
	case CAUSE_PROBE:
		return RUNG_PROBE_RESTART;
	case CAUSE_POWER:
	case CAUSE_BOARD_LOST:
		return RUNG_POWER_CYCLE;
	default:
		return RUNG_LOOK;
	}
}

void ladder_init(struct ladder *ladder, const struct ladder_means *means, enum cause cause)
{
	*ladder = (struct ladder){.means = *means, .end = LADDER_CLIMBING};
	ladder->means.absent[RUNG_LOOK] = NULL;
	/* A probe that was lost stays lost whatever the board's power did. What is wrong with the power is seen best by
	 * switching it on again. */
	if (cause == CAUSE_PROBE || (!means->loses_power && ladder_fits(cause) < RUNG_POWER_CYCLE))
		ladder->next = ladder_fits(cause);
}

static void note(struct ladder *ladder, enum recovery_rung rung, enum rung_result result, const char *text)
{
	struct ladder_try *entry = &ladder->tries[ladder->count++];

	*entry = (struct ladder_try){.rung = rung, .result = result};
	snprintf(entry->text, sizeof entry->text, "%s", text);
}

bool ladder_next(struct ladder *ladder, enum recovery_rung *ret_rung)
{
	assert(!ladder->given);
	if (ladder->end != LADDER_CLIMBING)
		return false;
	while (ladder->count < RECOVERY_RUNG_COUNT) {
		enum recovery_rung rung = (enum recovery_rung)ladder->count;

		if (rung < ladder->next) {
			note(ladder, rung, RUNG_IS_UNFIT, "");
		} else if (ladder->means.absent[rung]) {
			note(ladder, rung, RUNG_IS_ABSENT, ladder->means.absent[rung]);
		} else {
			ladder->given = true;
			*ret_rung = rung;
			return true;
		}
	}
	ladder->end = LADDER_EXHAUSTED;
	return false;
}

void ladder_tell(struct ladder *ladder, enum cause cause, const char *text, int64_t took_us)
{
	enum recovery_rung rung = (enum recovery_rung)ladder->count;

	if (!ladder->given)
		return;
	ladder->given = false;
	note(ladder, rung, cause == CAUSE_NONE ? RUNG_IS_HELPED : RUNG_IS_FAILED, text);
	ladder->tries[rung].cause = cause;
	ladder->tries[rung].took_us = took_us;
	if (cause == CAUSE_NONE)
		ladder->end = LADDER_HELPED;
	else if (ladder_fits(cause) > rung)
		ladder->next = ladder_fits(cause);
}

const struct ladder_try *ladder_last_failed(const struct ladder *ladder)
{
	for (size_t i = ladder->count; i > 0; i--) {
		if (ladder->tries[i - 1].result == RUNG_IS_FAILED)
			return &ladder->tries[i - 1];
	}
	return NULL;
}

bool ladder_met_silence(const struct ladder *ladder)
{
	const struct ladder_try *last = ladder_last_failed(ladder);

	if (ladder->end != LADDER_EXHAUSTED || !last)
		return false;
	switch (last->cause) {
	case CAUSE_POWER:
	case CAUSE_PROBE:
	case CAUSE_ATTACH:
	case CAUSE_BOARD_LOST:
	case CAUSE_STEP_LIMIT:
		return true;
	default:
		return false;
	}
}

void ladder_stop(struct ladder *ladder)
{
	if (ladder->end != LADDER_CLIMBING)
		return;
	if (ladder->given)
		note(ladder, (enum recovery_rung)ladder->count, RUNG_IS_STOPPED, "");
	ladder->given = false;
	ladder->end = LADDER_STOPPED;
}
