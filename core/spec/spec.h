/* SPDX-License-Identifier: Apache-2.0 */
/* What a person asks for: the job file, and what a run is judged by. Reading is in spec_read.c (jobs), spec_suite.c,
 * spec_require.c and spec_end.c, a job as JSON in spec_json.c.
 *
 * name: nightly                       # for people; 1-100 bytes
 * priority: 50                        # 0 (patient) .. 100 (urgent); default 50
 * suite: reference                    # a suite the farm knows (its require/end); or written out:
 * require:                            # a run passes only if all of this was seen and nothing failed
 *   cases: [Hello.boots, Clock.ticks] # Group.Case, each seen and passed
 *   groups:                           # each group seen
 *     - Hello                         # at least one case; goes on until a summary closes the group
 *     - {name: Flash, cases: 4}       # at least this many results
 *     - {name: Clock, cases: [a, b]}  # Clock.a and Clock.b, as if they stood in cases
 *   tests: 12                         # results over the whole run, at least; ignored cases count, unless all were
 *   summaries: 1                      # summary blocks, at least (1 when `end.when` is summary and none is asked for)
 *   banner: true                      # the image must print its build id (see schema/target.h)
 *   lines: ["ready>", "net up"]       # texts that must each stand within a line of the console, as they are
 *   ignored-ok: [Flash.*]             # these may report "ignored" although required; a trailing * matches any rest
 *   resets: 0                         # resets the firmware may make by itself; default 0
 *   order: fixed                      # cases begin in the order they stand here; default any
 *   strict: true                      # a result of a case that is not named here (by itself, or by a group of which
 *                                     # no case is listed) is a mistake, and so is one without a name; default false
 *   features: {flash: true}           # what the board type must have, or the job is refused (core/image/feature.h)
 *   parameters: {broker: lab-2}       # for people and reports: shown, kept, never interpreted
 *   stage: baseline                   # baseline: nothing is ported yet, so every case must fail, but for those with
 *                                     # `expect: pass`; default full
 * A case may say more than its name, and so may a group for all of its cases:
 *   groups:
 *     - name: Speed
 *       category: performance         # functional (default), performance or security
 *       when: {flash: true}           # required where the board type has it, optional elsewhere
 *       optional: true                # need not run, may be ignored; if it runs it must not fail
 *       cases:
 *         - name: latency             # in `require.cases`: Speed.latency; category, when, optional as above
 *           expect: fail              # known to fail: must fail; pass: must pass also at stage baseline
 *           measure:                  # what it must print with "ASSAY measure" (schema/target.h)
 *             - {name: irq, unit: us, max: 20, worse: 10%, better: lower}
 * min and max are the suite's own limits; worse is relative to the board type's baseline: "10%" of its median, or
 * "3 mad" (median absolute deviations); better says which way is worse, default lower.
 * end:                                # when a run is over; what is not given comes from the suite, else the default
 *   when: required                    # required: all of require seen (default); summary: after `summaries` blocks;
 *                                     # silence: only when the console falls silent
 *   silence: 10s                      # this long without a byte ends the run in every case; 100ms..1h, default 10s
 *   limit: 2m                         # and so does this, from reset released; 100ms..24h, default 2m
 *   settle: 100ms                     # listens on this long after the end was seen, for late contradictions; 0..10s,
 *                                     # default by the board
 *   asks: 0                           # times the firmware may ask for a reset or power cycle; 0..1000, default 0
 * stage: baseline                     # goes over the require's; a run may have its own
 * retries: 1                          # further attempts after an infrastructure verdict; 0..5, default 1
 * parallel: 4                         # boards at once; 1..1000, default as many as there are
 * together: true                      # all its runs at once, each on a board of its own, or none; up to 16 runs
 * preemptible: true                   # gives its boards back to jobs of a higher band, and is tried again
 * not-before: 2026-11-24 22:00 Europe/Berlin    # nothing starts before (spec_when.h); or "+2h" from submission
 * deadline: 2026-11-25T06:00:00Z      # nothing starts from then on: what still waits is cancelled
 * window: "22:00-06:00 Europe/Berlin" # starts runs within it only (core/calendar/calendar.h)
 * after: [12, 13]                     # nothing starts before these jobs are over; up to 16
 * when: passed                        # and passed (default), or this one is cancelled; finished: however they ended
 * runs:
 *   - type: microbit                  # one run on any board of the type
 *     tags: [scope]                   # that has all these tags; up to 8
 *     site: berlin                    # of a rack at this site
 *     features: {psram: 8M}           # that has these features, of its type or its own; up to 8
 *     boards: each                    # instead of any board, on each board of the type that is in service when the
 *                                     # job is submitted; a number: on so many different ones
 *     image: build/suite.elf          # file beside the job file, or sha256:<64 hex> of one the farm holds
 *     count: 2                        # this many runs, each on any free board; default 1
 *   - board: mb1                      # one run on that board
 *     image: build/suite.elf
 *     require: {…}                    # replaces the job's require for this run
 *     suite: other                    # replaces the job's suite, require and end for this run
 *     end: {…}                        # goes over the job's (or this run's suite's) end */
#ifndef ASSAY_SPEC_SPEC_H
#define ASSAY_SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/doc.h"
#include "core/base/json.h"
#include "core/image/feature.h"
#include "core/spec/tags.h"
#include "core/verdict/measure.h"
#include "core/verdict/verdict.h"

#define SPEC_MAX_CASES  4096
#define SPEC_MAX_GROUPS 512
#define SPEC_MAX_RUNS   1000
#define SPEC_CASE_MAX   200 /* bytes of "Group.Case" */

#define SPEC_MAX_REQUIRE_BYTES (512u << 10) /* of all names in one require: it must fit a message to the agent */
#define SPEC_MAX_JOB_NAMES     50000        /* required names over all runs of a job */
#define SPEC_MAX_JOB_BYTES     (2u << 20)   /* and their bytes */

#define SPEC_MAX_MEASURES   512 /* rules in one require */
#define SPEC_MAX_PARAMETERS 64
#define SPEC_MAX_LINES      64

#define SPEC_MAX_AFTER    16
#define SPEC_MAX_TOGETHER 16
#define SPEC_MAX_FEATURES 8  /* asked for by one run */
#define SPEC_INSTANT_MAX  64 /* as a text, with the NUL */
#define SPEC_WINDOW_MAX   128
#define SPEC_EACH_BOARD   UINT32_MAX

enum case_expect { EXPECT_STAGE /* what the stage says */, EXPECT_PASS, EXPECT_FAIL };

/* What is asked of a case beyond its name. */
struct case_rule {
	enum case_category category;
	bool optional;
	enum case_expect expect;
	struct feature_conditions when;
	struct measure_rule *measures;
	size_t measure_count;
};

struct required_group {
	char *name;
	uint32_t min_cases; /* of those that are not optional, where cases are listed; 0: nobody said how many */
	enum case_category category;
	bool optional;
	struct feature_conditions when;
};

struct spec_parameter {
	char name[64];
	char value[201];
};

enum spec_stage { STAGE_FULL, STAGE_BASELINE };

const char *spec_stage_name(enum spec_stage stage); /* "full", "baseline" */

/* What must be seen. init/finish; strings owned. */
struct requirements {
	char **cases; /* "Group.Case": required, unless its rule says that it is optional */
	size_t case_count;
	struct case_rule *rules; /* NULL when no case has any, else one for each of cases */
	struct required_group *groups;
	size_t group_count;
	char **ignored_ok;
	size_t ignored_ok_count;
	char **lines;
	size_t line_count;
	uint32_t tests;
	uint32_t summaries;
	uint32_t resets;
	bool banner;
	bool ordered;
	bool strict;
	enum spec_stage stage;
	struct feature_conditions features;
	struct spec_parameter *parameters;
	size_t parameter_count;
};

enum end_when { END_REQUIRED, END_SUMMARY, END_SILENCE };

const char *end_when_name(enum end_when when); /* "required" … */

/* How long a board needs to contradict itself is not the job's to know: the agent decides. */
#define END_SETTLE_BY_BOARD (-1)

#define END_RULE_DEFAULT                                                                                               \
	((struct end_rule){                                                                                            \
		.when = END_REQUIRED, .silence_ms = 10000, .limit_ms = 120000, .settle_ms = END_SETTLE_BY_BOARD})

struct end_rule {
	enum end_when when;
	int64_t silence_ms;
	int64_t limit_ms;
	int64_t settle_ms;
	uint32_t asks; /* times the suite may ask for a reset or a power cycle (schema/target.h) */
};

/* One line of `runs:`. */
struct run_spec {
	char board_type[32];   /* "" when board is given */
	char board[64];        /* "" when type is given */
	char image[512];       /* as written: a path or "sha256:…" */
	char image_sha256[65]; /* filled in once known; "" before */
	uint32_t count;
	uint32_t boards;      /* different ones, SPEC_EACH_BOARD: all; 0: any board for each of count */
	char tags[TAGS_SIZE]; /* that the board must have */
	char site[TAG_SIZE];  /* "": any */
	struct feature features[SPEC_MAX_FEATURES];
	size_t feature_count;
	int line; /* of the job file, for messages */
	struct requirements require;
	struct end_rule end;
};

/* When runs of a job may start. Texts are as written, which only who knows time zones can read (spec_when.h); in the
 * JSON of a job they are in UTC. */
struct job_when {
	char not_before[SPEC_INSTANT_MAX]; /* "": at once */
	char deadline[SPEC_INSTANT_MAX];   /* "": none */
	char window[SPEC_WINDOW_MAX];      /* "": always open */
	int64_t after[SPEC_MAX_AFTER];     /* jobs */
	size_t after_count;
	bool after_any_end; /* they need not pass */
	int not_before_line, deadline_line, window_line, after_line;
};

/* A whole job. create by job_spec_read or _from_json; destroy. */
struct job_spec {
	char name[101];
	char suite[64]; /* "" when written out */
	int priority;
	uint32_t retries;
	uint32_t parallel; /* boards at once; 0: as many as there are */
	bool together, preemptible;
	struct job_when when;
	struct run_spec *runs;
	size_t run_count;
};

/* A named suite as data: name, version, stage, require, end (same fields as above). */
struct suite {
	char name[64];
	char version[32];
	struct requirements require;
	struct end_rule end;
};

/* Finds a suite by name; NULL when there is none. The result stays valid until job_spec_read returns. */
typedef const struct suite *(*suite_lookup_fn)(void *context, const char *name);

void requirements_init(struct requirements *require);
void requirements_finish(struct requirements *require);
int requirements_copy(struct requirements *target, const struct requirements *source); /* 0 or ERR_NOMEM */

/* Reads a job file's text. All mistakes go to problems. With lookup NULL a suite's name is taken on trust and its
 * require/end stay at the defaults (the CLI does this; the daemon decides). Returns 0, ERR_INVALID or ERR_NOMEM. */
int job_spec_read(const char *file, const char *text, size_t len, suite_lookup_fn lookup, void *lookup_context,
		  struct job_spec **ret_spec, struct doc_problems *problems);
void job_spec_destroy(struct job_spec *spec);

/* Reads a suite file. *ret_suite is untouched on failure; suite_finish it. */
int suite_read(const char *file, const char *text, size_t len, struct suite *ret_suite, struct doc_problems *problems);
void suite_finish(struct suite *suite);

/* JSON of the same shapes as in the files; NULL when memory ran out. The readers return 0, ERR_INVALID with err naming
 * the field, or ERR_NOMEM, and leave the output alone on failure. Durations are texts ("10s"). In the JSON of a job
 * each run carries `sha256` besides `image` once the image's hash is known. */
json_t *requirements_to_json(const struct requirements *require);
int requirements_from_json(const json_t *object, struct requirements *ret_require, struct err *err);
json_t *end_rule_to_json(const struct end_rule *end);
int end_rule_from_json(const json_t *object, struct end_rule *ret_end, struct err *err);
json_t *job_spec_to_json(const struct job_spec *spec); /* normalised: all defaults and suite contents written out */
int job_spec_from_json(const json_t *object, struct job_spec **ret_spec, struct err *err);

/* The rule of the i-th case; one that asks nothing more when it has none. */
const struct case_rule *requirements_rule(const struct requirements *require, size_t index);

/* Whether text is a case ("Group.Case") or the beginning of one and *. */
bool case_pattern_valid(const char *text);

/* Whether the pattern ("Flash.*" or a full name) covers a case name. */
bool case_pattern_matches(const char *pattern, const char *name);

#endif
