/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing measurements with their limits. */
#include "core/verdict/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"

static const char *const betters[] = {[BETTER_LOWER] = "lower", [BETTER_HIGHER] = "higher"};

const char *measure_better_name(enum measure_better better)
{
	return (size_t)better < sizeof betters / sizeof betters[0] ? betters[better] : "unknown";
}

void measure_limits_finish(struct measure_limits *limits)
{
	for (size_t i = 0; i < limits->count; i++)
		free(limits->item[i].case_name);
	free(limits->item);
	*limits = (struct measure_limits){0};
}

int measure_limits_copy(struct measure_limits *target, const struct measure_limits *source)
{
	struct measure_limits copy = {0};

	if (source->count == 0) {
		*target = copy;
		return 0;
	}
	copy.item = calloc(source->count, sizeof *copy.item);
	if (!copy.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < source->count; i++) {
		copy.item[i] = source->item[i];
		copy.item[i].case_name = strdup(source->item[i].case_name);
		copy.count = i + 1;
		if (!copy.item[i].case_name) {
			measure_limits_finish(&copy);
			return ERR_NOMEM;
		}
	}
	*target = copy;
	return 0;
}

const struct measure_limit *measure_limits_find(const struct measure_limits *limits, const char *case_name,
						const char *name)
{
	for (size_t i = 0; i < limits->count; i++) {
		if (strcmp(limits->item[i].name, name) == 0 && strcmp(limits->item[i].case_name, case_name) == 0)
			return &limits->item[i];
	}
	return NULL;
}

/* The tighter of the suite's bounds and the baseline's. */
static void fill_bounds(const struct measure_limit *limit, struct measurement *measurement)
{
	measurement->has_low = limit->has_min;
	measurement->low = limit->min;
	measurement->has_high = limit->has_max;
	measurement->high = limit->max;
	if (limit->has_worst && limit->better == BETTER_LOWER && (!limit->has_max || limit->worst < limit->max)) {
		measurement->has_high = true;
		measurement->high = limit->worst;
	}
	if (limit->has_worst && limit->better == BETTER_HIGHER && (!limit->has_min || limit->worst > limit->min)) {
		measurement->has_low = true;
		measurement->low = limit->worst;
	}
	memcpy(measurement->basis, limit->basis, sizeof measurement->basis);
}

/* The tighter bound is the baseline's: says that the value is past the suite's own too, as the cause is that. */
static void tell_own_limit(const struct measure_limit *limit, struct measurement *measurement)
{
	bool low = limit->has_min && measurement->value < limit->min;
	double own = low ? limit->min : limit->max;
	size_t len = strlen(measurement->basis);

	if (limit->has_worst && own != (low ? measurement->low : measurement->high))
		snprintf(measurement->basis + len, sizeof measurement->basis - len, "%sthe suite's own limit is %.10g",
			 len ? "; " : "", own);
}

enum cause measure_judge(const struct measure_limit *limit, struct measurement *measurement)
{
	double value = measurement->value;

	fill_bounds(limit, measurement);
	if (strcmp(limit->unit, measurement->unit) != 0) {
		snprintf(measurement->basis, sizeof measurement->basis, "printed in %s, the limit is in %s",
			 measurement->unit, limit->unit);
		measurement->verdict = MEASURE_UNJUDGED;
		return CAUSE_NONE;
	}
	if (!measurement->has_low && !measurement->has_high) {
		measurement->verdict = MEASURE_UNJUDGED;
		return CAUSE_NONE;
	}
	measurement->verdict = MEASURE_OUT;
	if ((limit->has_min && value < limit->min) || (limit->has_max && value > limit->max)) {
		tell_own_limit(limit, measurement);
		return CAUSE_LIMIT;
	}
	if ((measurement->has_low && value < measurement->low) || (measurement->has_high && value > measurement->high))
		return CAUSE_REGRESSION;
	measurement->verdict = MEASURE_OK;
	return CAUSE_NONE;
}

void measure_describe(const struct measurement *measurement, char *ret_text, size_t size)
{
	bool low = measurement->has_low && measurement->value < measurement->low;
	double bound = low ? measurement->low : measurement->high;

	if (measurement->verdict == MEASURE_MISSING)
		snprintf(ret_text, size, "%s was not printed%s%s", measurement->name, measurement->basis[0] ? ": " : "",
			 measurement->basis);
	else if (measurement->verdict == MEASURE_OUT)
		snprintf(ret_text, size, "%s %.10g %s, %s %.10g%s%s%s", measurement->name, measurement->value,
			 measurement->unit, low ? "at least" : "at most", bound, measurement->basis[0] ? " (" : "",
			 measurement->basis, measurement->basis[0] ? ")" : "");
	else
		snprintf(ret_text, size, "%s %.10g %s", measurement->name, measurement->value, measurement->unit);
}

/* --- JSON --- */

json_t *measurement_to_json(const struct measurement *measurement)
{
	json_t *object = json_object();

	json_put(&object, "name", json_text(measurement->name, sizeof measurement->name));
	if (measurement->verdict != MEASURE_MISSING)
		json_put(&object, "value", json_number(measurement->value));
	json_put(&object, "unit", json_text(measurement->unit, sizeof measurement->unit));
	json_put(&object, "verdict", json_string(measure_verdict_name(measurement->verdict)));
	if (measurement->has_low)
		json_put(&object, "low", json_number(measurement->low));
	if (measurement->has_high)
		json_put(&object, "high", json_number(measurement->high));
	json_put(&object, "basis", json_text(measurement->basis, sizeof measurement->basis));
	json_put(&object, "offset", json_integer((json_int_t)measurement->offset));
	json_put(&object, "end", json_integer((json_int_t)measurement->end));
	return object;
}

/* A number that need not be there. */
static int read_bound(const json_t *object, const char *key, bool *ret_has, double *ret_value, struct err *err)
{
	*ret_has = json_object_get(object, key) != NULL;
	return json_read_number(object, key, false, ret_value, err);
}

static int refuse_unknown(const json_t *object, const char *const known[], struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return err_set(err, ERR_INVALID, "found something else, expected an object");
	json_object_foreach((json_t *)object, key, value)
	{
		size_t i = 0;

		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return err_set(err, ERR_INVALID, "%s: found an unknown field, expected no such field", key);
		if (json_is_null(value))
			return err_set(err, ERR_INVALID, "%s: found null, expected a value", key);
	}
	return 0;
}

int measurement_from_json(const json_t *object, struct measurement *ret_measurement, struct err *err)
{
	static const char *const known[] = {"name", "value", "unit",   "verdict", "low",
					    "high", "basis", "offset", "end",     NULL};
	struct measurement m = {0};
	const char *verdict = "";
	int64_t offset = 0, end = 0;
	int rc = refuse_unknown(object, known, err);

	if (!rc)
		rc = json_read_text_into(object, "name", 1, m.name, sizeof m.name, err);
	if (!rc)
		rc = json_read_text_into(object, "unit", 0, m.unit, sizeof m.unit, err);
	if (!rc)
		rc = json_read_text(object, "verdict", true, &verdict, err);
	if (!rc && !measure_verdict_parse(verdict, &m.verdict))
		rc = err_set(err, ERR_INVALID, "verdict: found %.40s, expected the verdict of a measurement", verdict);
	if (!rc)
		rc = json_read_number(object, "value", m.verdict != MEASURE_MISSING, &m.value, err);
	if (!rc)
		rc = read_bound(object, "low", &m.has_low, &m.low, err);
	if (!rc)
		rc = read_bound(object, "high", &m.has_high, &m.high, err);
	if (!rc)
		rc = json_read_text_into(object, "basis", 0, m.basis, sizeof m.basis, err);
	if (!rc)
		rc = json_read_int(object, "offset", true, 0, INT64_C(1) << 53, &offset, err);
	if (!rc)
		rc = json_read_int(object, "end", true, offset, INT64_C(1) << 53, &end, err);
	if (rc)
		return rc;
	m.offset = (uint64_t)offset;
	m.end = (uint64_t)end;
	*ret_measurement = m;
	return 0;
}

json_t *measure_limits_to_json(const struct measure_limits *limits)
{
	json_t *array = json_array();

	for (size_t i = 0; i < limits->count; i++) {
		const struct measure_limit *limit = &limits->item[i];
		json_t *object = json_object();

		json_put(&object, "case", json_string(limit->case_name));
		json_put(&object, "name", json_string(limit->name));
		json_put(&object, "unit", json_string(limit->unit));
		if (limit->has_min)
			json_put(&object, "min", json_number(limit->min));
		if (limit->has_max)
			json_put(&object, "max", json_number(limit->max));
		if (limit->has_worst)
			json_put(&object, "worst", json_number(limit->worst));
		json_put(&object, "better", json_string(measure_better_name(limit->better)));
		json_put(&object, "basis", json_string(limit->basis));
		json_push(&array, object);
	}
	return array;
}

static int limit_from_json(const json_t *object, struct measure_limit *limit, struct err *err)
{
	static const char *const known[] = {"case", "name", "unit", "min", "max", "worst", "better", "basis", NULL};
	char name[256];
	size_t better = 0;
	int rc = refuse_unknown(object, known, err);

	if (!rc)
		rc = json_read_text_into(object, "case", 1, name, sizeof name, err);
	if (!rc)
		rc = json_read_text_into(object, "name", 1, limit->name, sizeof limit->name, err);
	if (!rc)
		rc = json_read_text_into(object, "unit", 1, limit->unit, sizeof limit->unit, err);
	if (!rc)
		rc = read_bound(object, "min", &limit->has_min, &limit->min, err);
	if (!rc)
		rc = read_bound(object, "max", &limit->has_max, &limit->max, err);
	if (!rc)
		rc = read_bound(object, "worst", &limit->has_worst, &limit->worst, err);
	if (!rc)
		rc = json_read_enum(object, "better", true, betters, 2, &better, err);
	if (!rc)
		rc = json_read_text_into(object, "basis", 0, limit->basis, sizeof limit->basis, err);
	if (rc)
		return rc;
	limit->better = (enum measure_better)better;
	limit->case_name = strdup(name);
	return limit->case_name ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

int measure_limits_from_json(const json_t *array, struct measure_limits *ret_limits, struct err *err)
{
	struct measure_limits limits = {0};
	size_t count = json_array_size(array);

	if (!json_is_array(array) || count > 4096)
		return err_set(err, ERR_INVALID, "found something else, expected a list of at most 4096 limits");
	limits.item = count ? calloc(count, sizeof *limits.item) : NULL;
	if (count && !limits.item)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		int rc = limit_from_json(json_array_get(array, i), &limits.item[i], err);

		if (rc) {
			measure_limits_finish(&limits);
			return rc;
		}
		limits.count++;
	}
	*ret_limits = limits;
	return 0;
}
