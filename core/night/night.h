/* SPDX-License-Identifier: Apache-2.0 */
/* A night: all that the runs of one due time of a schedule came to, and what changed since another one. Pure.
 *
 * A case is known by its suite, the image's name in the schedule, the board type and its own name, so that one night's
 * firmware can be held to another's. What it did in one night:
 *   passed    each of its results was as it should be (it passed, or a waiver or an expectation covers what it did)
 *   failed    none was: it failed, crashed, contradicted itself, or passed though it was expected to fail
 *   mixed     some were and some were not, of one and the same image
 *   missing   it was required and never seen
 *   ignored   it was left out by the firmware
 *   absent    no run that ended told of it
 * Only runs that passed or failed count; what the farm is to blame for says nothing about a case. */
#ifndef ASSAY_NIGHT_NIGHT_H
#define ASSAY_NIGHT_NIGHT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/judge/judge.h"
#include "core/verdict/baseline.h"
#include "core/verdict/flake.h"

#define NIGHT_MAX_CASES      200000
#define NIGHT_MAX_PLACES     1000 /* cells of a schedule's matrix */
#define NIGHT_MAX_VALUES     64   /* measurements of a case by name */
#define NIGHT_FLAKE_PAIRS    10   /* with fewer nothing is known to be flaky */
#define NIGHT_FLAKE_LOW      0.05 /* known to be flaky: it changes its mind at least so often (flake.low) */
#define NIGHT_SLOWER_PERCENT 5.0  /* a measurement that is worse by more, */
#define NIGHT_SLOWER_MADS    4.0  /* and by more than so many MADs of what was accepted, has become slower */

#define NIGHT_STATES(X)                                                                                                \
	X(ABSENT, "absent")                                                                                            \
	X(PASSED, "passed")                                                                                            \
	X(FAILED, "failed")                                                                                            \
	X(MIXED, "mixed")                                                                                              \
	X(MISSING, "missing")                                                                                          \
	X(IGNORED, "ignored")

enum night_state {
#define X(name, text) NIGHT_##name,
	NIGHT_STATES(X)
#undef X
};

/* What became of a case since the other night, worst first. The second word heads its list in a text.
 *   new-failure    it failed, and did not before (also when it was not there)
 *   missing        it was there and no longer is, or was required and not seen
 *   flaky          it did both in one night; or it changed, and its history says that it does so on the same image
 *   slower         it passed both times, and a measurement is worse by more than noise
 *   still-failing  it failed both times
 *   fixed          it failed or was missing, and passed
 *   new-case       it passed, and was absent or ignored before
 *   same           none of these */
#define NIGHT_KINDS(X)                                                                                                 \
	X(NEW_FAILURE, "new-failure", "New failures")                                                                  \
	X(GONE, "missing", "Missing")                                                                                  \
	X(FLAKY, "flaky", "Flaky")                                                                                     \
	X(SLOWER, "slower", "Slower")                                                                                  \
	X(STILL_FAILING, "still-failing", "Still failing")                                                             \
	X(FIXED, "fixed", "Fixed")                                                                                     \
	X(NEW_CASE, "new-case", "New cases")                                                                           \
	X(SAME, "same", "Unchanged")

enum night_kind {
#define X(name, text, heading) NIGHT_IS_##name,
	NIGHT_KINDS(X)
#undef X
		NIGHT_KIND_COUNT
};

/* Why a case is missing. */
#define NIGHT_ABSENCES(X)                                                                                              \
	X(NONE, "")                                                                                                    \
	X(NOT_SEEN, "required and not seen")                                                                           \
	X(LEFT_OUT, "ignored by the firmware")                                                                         \
	X(NO_RUN, "no run of it ended by itself")                                                                      \
	X(NOT_ASKED, "not part of the schedule any more")                                                              \
	X(NOT_TOLD, "not part of the suite any more")

enum night_absence {
#define X(name, text) NIGHT_ABSENCE_##name,
	NIGHT_ABSENCES(X)
#undef X
};

struct night;

/* One run, the last attempt or an earlier one. */
struct night_run {
	const char *suite, *image, *type;
	int64_t run;
	enum run_verdict verdict;
};

/* What is known of a case from all nights. A function that is NULL, or returns false, knows nothing. */
struct night_history {
	void *context;
	bool (*flake)(void *context, const struct night_run *place, const char *case_name, struct flake *ret_flake);
	/* What was accepted for a measurement, and which way it is better. */
	bool (*measure)(void *context, const struct night_run *place, const char *case_name, const char *name,
			const char *unit, struct baseline *ret_baseline, enum measure_better *ret_better);
};

/* How often a case was what in a night. */
struct night_tally {
	enum night_state state;
	uint32_t good, bad, missing, ignored;
	int64_t run; /* the first that was bad, else missing, else the first at all; 0 when absent */
};

/* What an earlier night ran in a cell; texts are those of whoever filled it in. */
struct night_image {
	int64_t night;   /* 0: not known */
	int64_t version; /* of what was dropped; 0: it was no drop */
	const char *sha256, *by;
};

/* One change; texts belong to the nights. A case has one, or one for each measurement that is slower. */
struct night_change {
	enum night_kind kind;
	enum night_absence absence;
	const char *suite, *image, *type, *case_name;
	struct night_tally before, now;
	bool has_flake;
	struct flake flake;
	/* NIGHT_IS_SLOWER: the medians of both nights */
	const char *measure, *unit;
	double before_value, now_value;
	double percent; /* by which it is worse; 0 when the value was 0 */
	/* Of what is bad: the image of the first night of those in a row in which it was, up to this one, and of the
	 * last before these in which it was not. For whoever knows the nights in between to fill in. */
	struct night_image since, good;
};

/* Both nights must outlive it. */
struct night_comparison {
	struct night_change *item; /* worst first, then by place and case; without those that are the same */
	size_t count;
	size_t cases;                    /* of both nights */
	size_t counts[NIGHT_KIND_COUNT]; /* cases; of NIGHT_IS_SLOWER too, whatever its changes are */
	bool has_before;
	size_t runs, runs_lost; /* of this night; those that neither passed nor failed */
};

int night_create(struct night **ret_night); /* 0 or ERR_NOMEM */
void night_destroy(struct night *night);

/* Each run once, whatever it came to; then its cases. Returns 0, ERR_TOO_BIG (a maximum would be passed) or ERR_NOMEM.
 * Cases of runs that neither passed nor failed are not taken. */
int night_add_run(struct night *night, const struct night_run *run);
int night_add_case(struct night *night, const struct night_run *run, const struct case_result *result);

/* before: the night to compare with, or NULL: none was accepted yet. history may be NULL. Returns 0 or ERR_NOMEM. */
int night_compare(const struct night *before, const struct night *now, const struct night_history *history,
		  struct night_comparison *ret_comparison);
void night_comparison_finish(struct night_comparison *comparison);

/* The counts in a line, and the changes, at most limit of each kind. Returns as buf_append. */
int night_text(const struct night_comparison *comparison, size_t limit, struct buf *out);
/* {"cases","runs","runs_lost","compared","counts": {KIND: N},"changes": [{"kind","suite","image","type","case","run",
 * "before": {"state","good","bad","missing","ignored"},"now","since":
 * {"night","sha256","version","dropped_by"},"good",…
 * }]}; NULL when memory ran out. */
json_t *night_to_json(const struct night_comparison *comparison);

/* "version 44 by ci", or "image 0123456789ab". Returns as buf_append. */
int night_image_text(const struct night_image *image, struct buf *out);
/* {"night","sha256","version","dropped_by"}, the last two of what was dropped; NULL when memory ran out. */
json_t *night_image_to_json(const struct night_image *image);

/* [{"suite","image","type","runs","lost","passed","failed","mixed","missing","ignored"}]: cases of each place by what
 * they did; NULL when memory ran out. */
json_t *night_places_to_json(struct night *night);

const char *night_state_name(enum night_state state);
const char *night_kind_name(enum night_kind kind);
const char *night_kind_heading(enum night_kind kind);
const char *night_absence_text(enum night_absence absence);

#endif
