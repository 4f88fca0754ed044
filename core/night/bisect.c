/* SPDX-License-Identifier: Apache-2.0 */
/* The search. */
#include "core/night/bisect.h"

#include <stdbool.h>
#include <stdlib.h>

enum leaning { UNKNOWN, GOOD, BAD };

/* The last good point and the first bad one; they contradict each other when bad comes first. */
struct bounds {
	size_t good, bad;
};

int bisect_init(struct bisect *bisect, size_t count, uint32_t confirm)
{
	struct bisect_point *point;

	if (count < 2 || count > BISECT_MAX_POINTS || confirm < 1 || confirm > BISECT_MAX_CONFIRM)
		return ERR_INVALID;
	point = calloc(count, sizeof *point);
	if (!point)
		return ERR_NOMEM;
	*bisect = (struct bisect){point, count, confirm, 4 * confirm + 5};
	return 0;
}

void bisect_finish(struct bisect *bisect)
{
	free(bisect->point);
	bisect->point = NULL;
}

void bisect_add(struct bisect *bisect, size_t point, enum bisect_result result)
{
	struct bisect_point *at = &bisect->point[point];

	at->passed += result == BISECT_PASSED;
	at->failed += result == BISECT_FAILED;
	at->lost = result == BISECT_LOST ? at->lost + 1 : 0;
}

static uint32_t results(const struct bisect_point *point)
{
	return point->passed + point->failed;
}

static bool exhausted(const struct bisect *bisect, size_t point)
{
	return results(&bisect->point[point]) >= bisect->most;
}

/* One that did both as often as it may be tested is not to be relied on, so it is bad. */
static enum leaning leaning_of(const struct bisect *bisect, size_t index)
{
	const struct bisect_point *point = &bisect->point[index];

	if (point->passed != point->failed)
		return point->passed > point->failed ? GOOD : BAD;
	return exhausted(bisect, index) ? BAD : UNKNOWN;
}

static struct bounds bounds_of(const struct bisect *bisect)
{
	struct bounds bounds = {0, bisect->count - 1};

	for (size_t i = 0; i < bisect->count; i++) {
		if (leaning_of(bisect, i) == GOOD)
			bounds.good = i;
	}
	for (size_t i = bisect->count; i-- > 0;) {
		if (leaning_of(bisect, i) == BAD)
			bounds.bad = i;
	}
	return bounds;
}

/* A list that is being filled. */
struct list_of_points {
	size_t *points;
	size_t count, max;
};

static void add(struct list_of_points *list, size_t point, uint32_t times)
{
	for (uint32_t i = 0; i < times && list->count < list->max; i++)
		list->points[list->count++] = point;
}

static bool find_lost(const struct bisect *bisect, size_t *ret_at)
{
	for (size_t i = 0; i < bisect->count; i++) {
		if (bisect->point[i].lost >= BISECT_MAX_LOST) {
			*ret_at = i;
			return true;
		}
	}
	return false;
}

/* So many results that it is believed. */
static uint32_t wanting(const struct bisect *bisect, size_t point)
{
	uint32_t have = results(&bisect->point[point]);

	return have < bisect->confirm ? bisect->confirm - have : 0;
}

/* An end that is not what it is said to be is asked again before anything else is believed. */
static enum bisect_state look_at_ends(const struct bisect *bisect, struct list_of_points *list)
{
	size_t last = bisect->count - 1;

	if (leaning_of(bisect, 0) == BAD) {
		if (wanting(bisect, 0) == 0)
			return BISECT_GOOD_FAILS;
		add(list, 0, wanting(bisect, 0));
	}
	if (leaning_of(bisect, last) == GOOD) {
		if (wanting(bisect, last) == 0)
			return BISECT_BAD_PASSES;
		add(list, last, wanting(bisect, last));
	}
	if (list->count == 0 && leaning_of(bisect, 0) == UNKNOWN)
		add(list, 0, 1);
	if (leaning_of(bisect, last) == UNKNOWN)
		add(list, last, 1);
	return BISECT_GOES_ON;
}

/* Those of between that divide it evenly. */
static void add_between(struct list_of_points *list, struct bounds bounds)
{
	size_t between = bounds.bad - bounds.good - 1, room = list->max - list->count;
	size_t count = between < room ? between : room;

	for (size_t i = 1; i <= count; i++)
		add(list, bounds.good + i * (between + 1) / (count + 1), 1);
}

/* All that pass behind the first that fails, and that one, once more. */
static enum bisect_state settle(const struct bisect *bisect, struct bounds bounds, struct list_of_points *list)
{
	if (exhausted(bisect, bounds.good) && exhausted(bisect, bounds.bad))
		return BISECT_CONTRADICTS;
	if (!exhausted(bisect, bounds.bad))
		add(list, bounds.bad, 1);
	if (!exhausted(bisect, bounds.good))
		add(list, bounds.good, 1);
	return BISECT_GOES_ON;
}

enum bisect_state bisect_next(const struct bisect *bisect, size_t max, size_t *ret_points, size_t *ret_count,
			      size_t *ret_at)
{
	struct list_of_points list = {ret_points, 0, max};
	struct bounds bounds = bounds_of(bisect);
	enum bisect_state state;

	*ret_count = 0;
	if (find_lost(bisect, ret_at))
		return BISECT_NO_RESULT;
	state = look_at_ends(bisect, &list);
	if (state == BISECT_GOES_ON && bounds.bad < bounds.good) {
		*ret_at = bounds.bad;
		state = settle(bisect, bounds, &list);
	} else if (state == BISECT_GOES_ON && bounds.bad > bounds.good + 1) {
		add_between(&list, bounds);
	} else if (state == BISECT_GOES_ON) {
		add(&list, bounds.good, wanting(bisect, bounds.good));
		add(&list, bounds.bad, wanting(bisect, bounds.bad));
	}
	*ret_count = list.count;
	if (state == BISECT_GOES_ON && list.count == 0) {
		*ret_at = bounds.bad;
		return BISECT_FOUND;
	}
	return state;
}
