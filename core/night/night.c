/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting a night's runs and cases. */
#include "core/night/night.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/night/night_private.h"

static const char *const states[] = {
#define X(name, text) [NIGHT_##name] = text,
	NIGHT_STATES(X)
#undef X
};

static const char *const kinds[] = {
#define X(name, text, heading) [NIGHT_IS_##name] = text,
	NIGHT_KINDS(X)
#undef X
};

static const char *const headings[] = {
#define X(name, text, heading) [NIGHT_IS_##name] = heading,
	NIGHT_KINDS(X)
#undef X
};

static const char *const absences[] = {
#define X(name, text) [NIGHT_ABSENCE_##name] = text,
	NIGHT_ABSENCES(X)
#undef X
};

const char *night_state_name(enum night_state state)
{
	return states[state];
}

const char *night_kind_name(enum night_kind kind)
{
	return kinds[kind];
}

const char *night_kind_heading(enum night_kind kind)
{
	return headings[kind];
}

const char *night_absence_text(enum night_absence absence)
{
	return absences[absence];
}

int night_create(struct night **ret_night)
{
	struct night *night = calloc(1, sizeof *night);

	if (!night)
		return ERR_NOMEM;
	map_init(&night->places);
	map_init(&night->cases);
	*ret_night = night;
	return 0;
}

static void place_destroy(struct night_place *place)
{
	if (!place)
		return;
	free(place->suite);
	free(place->image);
	free(place->type);
	free(place);
}

static void case_destroy(struct night_case *one)
{
	free(one->name);
	free(one->values);
	free(one);
}

void night_destroy(struct night *night)
{
	struct map_node *node, *next;

	if (!night)
		return;
	for (node = map_next(&night->cases, NULL); node; node = next) {
		next = map_next(&night->cases, node);
		case_destroy(map_container(node, struct night_case, node));
	}
	for (node = map_next(&night->places, NULL); node; node = next) {
		next = map_next(&night->places, node);
		place_destroy(map_container(node, struct night_place, node));
	}
	map_finish(&night->cases);
	map_finish(&night->places);
	free(night);
}

static uint64_t place_hash(const char *suite, const char *image, const char *type)
{
	return map_hash_text(suite) * 31 + map_hash_text(image) * 7 + map_hash_text(type);
}

static struct night_place *find_place(const struct night *night, const char *suite, const char *image, const char *type)
{
	struct map_node *node = map_first(&night->places, place_hash(suite, image, type));

	for (; node; node = map_same(node)) {
		struct night_place *place = map_container(node, struct night_place, node);

		if (strcmp(place->suite, suite) == 0 && strcmp(place->image, image) == 0 &&
		    strcmp(place->type, type) == 0)
			return place;
	}
	return NULL;
}

const struct night_place *night_find_place(const struct night *night, const char *suite, const char *image,
					   const char *type)
{
	return find_place(night, suite, image, type);
}

static uint64_t case_hash(const struct night_place *place, const char *name)
{
	return place->node.hash * 31 + map_hash_text(name);
}

static struct night_case *find_case(const struct night *night, const struct night_place *place, const char *name)
{
	struct map_node *node = map_first(&night->cases, case_hash(place, name));

	for (; node; node = map_same(node)) {
		struct night_case *one = map_container(node, struct night_case, node);

		if (one->place == place && strcmp(one->name, name) == 0)
			return one;
	}
	return NULL;
}

const struct night_case *night_find_case(const struct night *night, const struct night_place *place, const char *name)
{
	return find_case(night, place, name);
}

const struct night_values *night_find_values(const struct night_case *found, const char *name, const char *unit)
{
	for (size_t i = 0; i < found->value_count; i++) {
		if (strcmp(found->values[i].name, name) == 0 && strcmp(found->values[i].unit, unit) == 0)
			return &found->values[i];
	}
	return NULL;
}

static int take_place(struct night *night, const struct night_run *run, struct night_place **ret_place)
{
	struct night_place *place = find_place(night, run->suite, run->image, run->type);

	if (!place) {
		if (night->places.count == NIGHT_MAX_PLACES)
			return ERR_TOO_BIG;
		place = calloc(1, sizeof *place);
		if (!place)
			return ERR_NOMEM;
		place->suite = strdup(run->suite);
		place->image = strdup(run->image);
		place->type = strdup(run->type);
		if (!place->suite || !place->image || !place->type) {
			place_destroy(place);
			return ERR_NOMEM;
		}
		map_add(&night->places, &place->node, place_hash(run->suite, run->image, run->type));
	}
	*ret_place = place;
	return 0;
}

static bool run_counts(const struct night_run *run)
{
	return run->verdict == RUN_PASSED || run->verdict == RUN_FAILED;
}

int night_add_run(struct night *night, const struct night_run *run)
{
	struct night_place *place;
	int rc = take_place(night, run, &place);

	if (rc)
		return rc;
	place->runs++;
	place->lost += !run_counts(run);
	night->runs++;
	night->lost += !run_counts(run);
	return 0;
}

static int take_case(struct night *night, struct night_place *place, const char *name, struct night_case **ret_case)
{
	struct night_case *one = find_case(night, place, name);

	if (!one) {
		if (night->cases.count == NIGHT_MAX_CASES)
			return ERR_TOO_BIG;
		one = calloc(1, sizeof *one);
		if (!one)
			return ERR_NOMEM;
		one->place = place;
		one->name = strdup(name);
		if (!one->name) {
			free(one);
			return ERR_NOMEM;
		}
		map_add(&night->cases, &one->node, case_hash(place, name));
	}
	*ret_case = one;
	return 0;
}

/* What one result says of its case. */
static enum night_state state_of(const struct case_result *result)
{
	if (result->standing == STANDING_UNEXPECTED_PASS)
		return NIGHT_FAILED;
	if (result->verdict == CASE_PASS || result->standing == STANDING_WAIVED ||
	    result->standing == STANDING_EXPECTED)
		return NIGHT_PASSED;
	if (result->verdict == CASE_IGNORED)
		return NIGHT_IGNORED;
	return result->verdict == CASE_MISSING ? NIGHT_MISSING : NIGHT_FAILED;
}

static void tally_result(struct night_tally *tally, const struct case_result *result, int64_t run)
{
	enum night_state state = state_of(result);
	bool first_bad = state == NIGHT_FAILED && !tally->bad;
	bool first_missing = state == NIGHT_MISSING && !tally->bad && !tally->missing;

	if (!tally->run || first_bad || first_missing)
		tally->run = run;
	tally->good += state == NIGHT_PASSED;
	tally->bad += state == NIGHT_FAILED;
	tally->missing += state == NIGHT_MISSING;
	tally->ignored += state == NIGHT_IGNORED;
	if (tally->good || tally->bad || tally->missing)
		/* One that came in some runs and was missed in others is of two minds too. */
		tally->state = !tally->bad && !tally->missing ? NIGHT_PASSED
			       : tally->good                  ? NIGHT_MIXED
			       : tally->bad                   ? NIGHT_FAILED
							      : NIGHT_MISSING;
	else
		tally->state = NIGHT_IGNORED;
}

static int add_value(struct night_case *one, const struct measurement *measured)
{
	struct night_values *values = NULL, *more;

	for (size_t i = 0; !values && i < one->value_count; i++) {
		if (strcmp(one->values[i].name, measured->name) == 0 &&
		    strcmp(one->values[i].unit, measured->unit) == 0)
			values = &one->values[i];
	}
	if (!values) {
		if (one->value_count == NIGHT_MAX_VALUES)
			return ERR_TOO_BIG;
		more = realloc(one->values, (one->value_count + 1) * sizeof *more);
		if (!more)
			return ERR_NOMEM;
		one->values = more;
		values = &more[one->value_count++];
		*values = (struct night_values){.has_low = measured->has_low, .has_high = measured->has_high};
		snprintf(values->name, sizeof values->name, "%s", measured->name);
		snprintf(values->unit, sizeof values->unit, "%s", measured->unit);
	}
	if (values->count < BASELINE_MAX_VALUES)
		values->value[values->count++] = measured->value;
	return 0;
}

int night_add_case(struct night *night, const struct night_run *run, const struct case_result *result)
{
	struct night_place *place;
	struct night_case *one;
	char *name;
	int rc;

	if (!run_counts(run))
		return 0;
	rc = take_place(night, run, &place);
	if (rc)
		return rc;
	if (asprintf(&name, "%s%s%s", result->group, result->group[0] ? "." : "", result->name) < 0)
		return ERR_NOMEM;
	rc = take_case(night, place, name, &one);
	free(name);
	if (rc)
		return rc;
	tally_result(&one->tally, result, run->run);
	for (size_t i = 0; !rc && i < result->measurement_count; i++) {
		if (result->measurements[i].verdict != MEASURE_MISSING)
			rc = add_value(one, &result->measurements[i]);
	}
	return rc;
}
