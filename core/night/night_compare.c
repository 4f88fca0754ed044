/* SPDX-License-Identifier: Apache-2.0 */
/* What changed from one night to another. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/night/night_private.h"

#define FIRST_ROOM 64

struct comparing {
	const struct night *before, *now; /* before may be NULL */
	const struct night_history *history;
	struct night_comparison *comparison;
	size_t room;
	bool nomem;
};

static const struct night_case *same_case(const struct night *night, const struct night_case *other)
{
	const struct night_place *place = other->place;

	if (night)
		place = night_find_place(night, place->suite, place->image, place->type);
	return night && place ? night_find_case(night, place, other->name) : NULL;
}

static void add_change(struct comparing *comparing, const struct night_change *change)
{
	struct night_comparison *comparison = comparing->comparison;
	struct night_change *more;

	if (comparison->count == comparing->room) {
		size_t room = comparing->room ? comparing->room * 2 : FIRST_ROOM;

		more = realloc(comparison->item, room * sizeof *more);
		if (!more) {
			comparing->nomem = true;
			return;
		}
		comparison->item = more;
		comparing->room = room;
	}
	comparison->item[comparison->count++] = *change;
}

/* Whether the case's history says that it changes its mind while the firmware does not. */
static bool known_flaky(const struct comparing *comparing, const struct night_run *place, struct night_change *change)
{
	const struct night_history *history = comparing->history;

	change->has_flake =
		history && history->flake && history->flake(history->context, place, change->case_name, &change->flake);
	return change->has_flake && change->flake.pairs >= NIGHT_FLAKE_PAIRS && change->flake.low >= NIGHT_FLAKE_LOW;
}

static enum night_kind kind_of(enum night_state before, enum night_state now, bool flaky)
{
	bool was_there =
		before == NIGHT_PASSED || before == NIGHT_FAILED || before == NIGHT_MIXED || before == NIGHT_MISSING;

	switch (now) {
	case NIGHT_MIXED:
		return NIGHT_IS_FLAKY;
	case NIGHT_FAILED:
		if (before == NIGHT_FAILED)
			return NIGHT_IS_STILL_FAILING;
		return flaky ? NIGHT_IS_FLAKY : NIGHT_IS_NEW_FAILURE;
	case NIGHT_PASSED:
		if (before == NIGHT_FAILED || before == NIGHT_MISSING)
			return flaky ? NIGHT_IS_FLAKY : NIGHT_IS_FIXED;
		return was_there ? NIGHT_IS_SAME : NIGHT_IS_NEW_CASE;
	case NIGHT_MISSING:
		return NIGHT_IS_GONE;
	case NIGHT_ABSENT:
	case NIGHT_IGNORED:
		break;
	}
	return was_there ? NIGHT_IS_GONE : NIGHT_IS_SAME;
}

static enum night_absence absence_of(const struct night *now, const struct night_change *change)
{
	const struct night_place *place;

	if (change->kind != NIGHT_IS_GONE)
		return NIGHT_ABSENCE_NONE;
	if (change->now.state == NIGHT_MISSING)
		return NIGHT_ABSENCE_NOT_SEEN;
	if (change->now.state == NIGHT_IGNORED)
		return NIGHT_ABSENCE_LEFT_OUT;
	place = night_find_place(now, change->suite, change->image, change->type);
	if (!place)
		return NIGHT_ABSENCE_NOT_ASKED;
	return place->runs == place->lost ? NIGHT_ABSENCE_NO_RUN : NIGHT_ABSENCE_NOT_TOLD;
}

static bool is_rate(const char *unit)
{
	size_t len = strlen(unit);

	return len > 2 && strcmp(unit + len - 2, "/s") == 0;
}

/* Whether the value of this night is worse than that of the other by more than the noise, and by how many per cent. */
static bool is_slower(const struct comparing *comparing, const struct night_run *place, const char *case_name,
		      const struct night_values *values, double before, double now, double *ret_percent)
{
	const struct night_history *history = comparing->history;
	/* So much a second, or only held from below: better when it is higher, if nobody says otherwise. */
	bool from_below = values->has_low || is_rate(values->unit);
	enum measure_better better = from_below && !values->has_high ? BETTER_HIGHER : BETTER_LOWER;
	struct baseline accepted = {.count = 0};
	double worse, beyond;

	if (history && history->measure)
		history->measure(history->context, place, case_name, values->name, values->unit, &accepted, &better);
	worse = better == BETTER_LOWER ? now - before : before - now;
	if (worse <= fabs(before) * NIGHT_SLOWER_PERCENT / 100)
		return false;
	beyond = better == BETTER_LOWER ? now - accepted.median : accepted.median - now;
	if (accepted.count >= BASELINE_MIN_SPREAD && beyond <= accepted.mad * NIGHT_SLOWER_MADS)
		return false;
	*ret_percent = fabs(before) > 0 ? worse / fabs(before) * 100 : 0;
	return true;
}

/* Adds a change for each measurement that is slower; whether there was one. */
static bool add_slower(struct comparing *comparing, const struct night_run *place, const struct night_case *before,
		       const struct night_case *now, struct night_change *change)
{
	bool any = false;

	for (size_t i = 0; i < now->value_count; i++) {
		const struct night_values *values = &now->values[i];
		const struct night_values *old = night_find_values(before, values->name, values->unit);
		struct baseline then, there;

		if (!old)
			continue;
		baseline_of(old->value, old->count, &then);
		baseline_of(values->value, values->count, &there);
		if (!is_slower(comparing, place, now->name, values, then.median, there.median, &change->percent))
			continue;
		change->kind = NIGHT_IS_SLOWER;
		change->measure = values->name;
		change->unit = values->unit;
		change->before_value = then.median;
		change->now_value = there.median;
		add_change(comparing, change);
		any = true;
	}
	return any;
}

/* Either may be NULL, not both. */
static void compare_case(struct comparing *comparing, const struct night_case *before, const struct night_case *now)
{
	const struct night_case *one = now ? now : before;
	struct night_run place = {.suite = one->place->suite, .image = one->place->image, .type = one->place->type};
	struct night_change change = {
		.suite = place.suite, .image = place.image, .type = place.type, .case_name = one->name};
	bool flaky;

	if (before)
		change.before = before->tally;
	if (now)
		change.now = now->tally;
	flaky = known_flaky(comparing, &place, &change);
	change.kind = kind_of(change.before.state, change.now.state, flaky);
	if (!comparing->before && change.kind == NIGHT_IS_NEW_CASE)
		change.kind = NIGHT_IS_SAME; /* nothing is new where there is nothing to compare with */
	change.absence = absence_of(comparing->now, &change);
	comparing->comparison->cases++;
	if (change.before.state == NIGHT_PASSED && change.now.state == NIGHT_PASSED &&
	    add_slower(comparing, &place, before, now, &change)) {
		comparing->comparison->counts[NIGHT_IS_SLOWER]++;
		return;
	}
	comparing->comparison->counts[change.kind]++;
	if (change.kind != NIGHT_IS_SAME)
		add_change(comparing, &change);
}

static int by_rank(const void *a, const void *b)
{
	const struct night_change *first = a, *second = b;
	int order = (int)first->kind - (int)second->kind;

	if (!order)
		order = strcmp(first->suite, second->suite);
	if (!order)
		order = strcmp(first->image, second->image);
	if (!order)
		order = strcmp(first->type, second->type);
	if (!order)
		order = strcmp(first->case_name, second->case_name);
	if (!order && first->measure)
		order = strcmp(first->measure, second->measure);
	if (!order && first->unit)
		order = strcmp(first->unit, second->unit);
	return order;
}

int night_compare(const struct night *before, const struct night *now, const struct night_history *history,
		  struct night_comparison *ret_comparison)
{
	struct night_comparison comparison = {.has_before = before != NULL, .runs = now->runs, .runs_lost = now->lost};
	struct comparing comparing = {.before = before, .now = now, .history = history, .comparison = &comparison};
	const struct map_node *node;

	for (node = map_next(&now->cases, NULL); node; node = map_next(&now->cases, node)) {
		const struct night_case *one = map_container(node, struct night_case, node);

		compare_case(&comparing, same_case(before, one), one);
	}
	for (node = before ? map_next(&before->cases, NULL) : NULL; node; node = map_next(&before->cases, node)) {
		const struct night_case *one = map_container(node, struct night_case, node);

		if (!same_case(now, one))
			compare_case(&comparing, one, NULL);
	}
	if (comparing.nomem) {
		night_comparison_finish(&comparison);
		return ERR_NOMEM;
	}
	if (comparison.count)
		qsort(comparison.item, comparison.count, sizeof *comparison.item, by_rank);
	*ret_comparison = comparison;
	return 0;
}

void night_comparison_finish(struct night_comparison *comparison)
{
	free(comparison->item);
	comparison->item = NULL;
	comparison->count = 0;
}
