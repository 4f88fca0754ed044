/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements of performance cases: what a suite holds them to, what a board printed, and how the two compare. Pure.
 *
 * A rule stands in a suite. Before a run is given out its relative part is turned into a number by what was accepted
 * for the board type (core/verdict/baseline.h); the limit that comes of it is what the judge uses, and nothing else. */
#ifndef ASSAY_VERDICT_MEASURE_H
#define ASSAY_VERDICT_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/json.h"
#include "core/verdict/verdict.h"

#define MEASURE_NAME_MAX  64  /* with the NUL */
#define MEASURE_UNIT_MAX  16  /* with the NUL: a unit has no blanks */
#define MEASURE_BASIS_MAX 160 /* where a limit comes from, in words; with the NUL */

enum measure_better { BETTER_LOWER, BETTER_HIGHER };

/* How much worse than the baseline is allowed. */
enum measure_worse { WORSE_NONE, WORSE_PERCENT, WORSE_MAD };

struct measure_rule {
	char name[MEASURE_NAME_MAX];
	char unit[MEASURE_UNIT_MAX];
	bool has_min, has_max;
	double min, max;
	enum measure_worse worse;
	double worse_by; /* per cent of the median, or median absolute deviations */
	enum measure_better better;
};

/* A rule with numbers. */
struct measure_limit {
	char *case_name; /* "Group.Case"; owned by the list */
	char name[MEASURE_NAME_MAX];
	char unit[MEASURE_UNIT_MAX];
	bool has_min, has_max; /* the suite's own */
	double min, max;
	bool has_worst; /* from the baseline: a value must not be worse */
	double worst;
	enum measure_better better;
	char basis[MEASURE_BASIS_MAX]; /* "median 12.1 us, mad 0.2 of 9 accepted; 10% worse = 13.31", or why there is no
					* worst; "" when only the suite's own numbers count */
};

struct measure_limits {
	struct measure_limit *item;
	size_t count;
};

/* One value as a board printed it, and what became of it. */
struct measurement {
	char name[MEASURE_NAME_MAX];
	char unit[MEASURE_UNIT_MAX];
	double value; /* 0 when missing */
	enum measure_verdict verdict;
	bool has_low, has_high; /* what it had to keep within: the tighter of suite and baseline */
	double low, high;
	char basis[MEASURE_BASIS_MAX];
	uint64_t offset, end; /* console bytes */
};

const char *measure_better_name(enum measure_better better); /* "lower", "higher" */

void measure_limits_finish(struct measure_limits *limits);
int measure_limits_copy(struct measure_limits *target, const struct measure_limits *source); /* 0 or ERR_NOMEM */
/* The limit for a case's measurement, or NULL. */
const struct measure_limit *measure_limits_find(const struct measure_limits *limits, const char *case_name,
						const char *name);

/* Fills verdict, low, high and basis. Returns CAUSE_NONE, CAUSE_LIMIT or CAUSE_REGRESSION (a value that passes both is
 * past the limit); a value in another unit than the limit's stays unjudged. */
enum cause measure_judge(const struct measure_limit *limit, struct measurement *measurement);
/* What a person reads of a value that is out: "latency 14 us, at most 13.31 (median …)". */
void measure_describe(const struct measurement *measurement, char *ret_text, size_t size);

/* {"name","value","unit","verdict","low","high","basis","offset","end"}; low and high only when there are any, no value
 * when it is missing. NULL when memory ran out. */
json_t *measurement_to_json(const struct measurement *measurement);
int measurement_from_json(const json_t *object, struct measurement *ret_measurement, struct err *err);
/* [{"case","name","unit","min","max","worst","better","basis"}] */
json_t *measure_limits_to_json(const struct measure_limits *limits);
int measure_limits_from_json(const json_t *array, struct measure_limits *ret_limits, struct err *err);

#endif
