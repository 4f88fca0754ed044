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
 *     - Hello                         # at least one case
 *     - {name: Flash, cases: 4}       # at least this many results
 *     - {name: Clock, cases: [a, b]}  # Clock.a and Clock.b, as if they stood in cases
 *   tests: 12                         # results over the whole run, at least; ignored cases count, unless all were
 *   summaries: 1                      # summary blocks, at least (1 when `end.when` is summary and none is asked for)
 *   banner: true                      # the image must print its build id (see schema/target.h)
 *   ignored-ok: [Flash.*]             # these may report "ignored" although required; a trailing * matches any rest
 *   resets: 0                         # resets the firmware may make by itself; default 0
 * end:                                # when a run is over; what is not given comes from the suite, else the default
 *   when: required                    # required: all of require seen (default); summary: after `summaries` blocks;
 *                                     # silence: only when the console falls silent
 *   silence: 10s                      # this long without a byte ends the run in every case; 100ms..1h, default 10s
 *   limit: 2m                         # and so does this, from reset released; 100ms..24h, default 2m
 *   settle: 100ms                     # listens on this long after the end was seen, for late contradictions; 0..10s,
 *                                     # default 100ms
 * retries: 1                          # further attempts after an infrastructure verdict; 0..5, default 1
 * runs:
 *   - type: microbit                  # one run on any board of the type
 *     image: build/suite.elf          # file beside the job file, or sha256:<64 hex> of one the farm holds
 *     count: 2                        # this many runs, each on any free board; default 1
 *   - board: mb1                      # one run on that board
 *     image: build/suite.elf
 *     require: {…}                    # replaces the job's require for this run
 *     suite: other                    # replaces the job's suite, require and end for this run
 *     end: {…}                        # goes over the job's (or this run's suite's) end */
#ifndef ASSAY_FARM_SPEC_H
#define ASSAY_FARM_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/doc.h"
#include "core/base/json.h"

#define SPEC_MAX_CASES  4096
#define SPEC_MAX_GROUPS 512
#define SPEC_MAX_RUNS   1000
#define SPEC_CASE_MAX   200 /* bytes of "Group.Case" */

#define SPEC_MAX_REQUIRE_BYTES (512u << 10) /* of all names in one require: it must fit a message to the agent */
#define SPEC_MAX_JOB_NAMES     50000        /* required names over all runs of a job */
#define SPEC_MAX_JOB_BYTES     (2u << 20)   /* and their bytes */

struct required_group {
	char *name;
	uint32_t min_cases;
};

/* What must be seen. init/finish; strings owned. */
struct requirements {
	char **cases; /* "Group.Case" */
	size_t case_count;
	struct required_group *groups;
	size_t group_count;
	char **ignored_ok;
	size_t ignored_ok_count;
	uint32_t tests;
	uint32_t summaries;
	uint32_t resets;
	bool banner;
};

enum end_when { END_REQUIRED, END_SUMMARY, END_SILENCE };

const char *end_when_name(enum end_when when); /* "required" … */

#define END_RULE_DEFAULT                                                                                               \
	((struct end_rule){.when = END_REQUIRED, .silence_ms = 10000, .limit_ms = 120000, .settle_ms = 30})

struct end_rule {
	enum end_when when;
	int64_t silence_ms;
	int64_t limit_ms;
	int64_t settle_ms;
};

/* One line of `runs:`. */
struct run_spec {
	char board_type[32];   /* "" when board is given */
	char board[64];        /* "" when type is given */
	char image[512];       /* as written: a path or "sha256:…" */
	char image_sha256[65]; /* filled in once known; "" before */
	uint32_t count;
	int line; /* of the job file, for messages */
	struct requirements require;
	struct end_rule end;
};

/* A whole job. create by job_spec_read or _from_json; destroy. */
struct job_spec {
	char name[101];
	char suite[64]; /* "" when written out */
	int priority;
	uint32_t retries;
	struct run_spec *runs;
	size_t run_count;
};

/* A named suite as data: name, version, require, end (same fields as above). */
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
json_t *suite_to_json(const struct suite *suite);
int suite_from_json(const json_t *object, struct suite *ret_suite, struct err *err);

/* JSON of the same shapes as in the files; NULL when memory ran out. The readers return 0, ERR_INVALID with err naming
 * the field, or ERR_NOMEM, and leave the output alone on failure. Durations are texts ("10s"). In the JSON of a job
 * each run carries `sha256` besides `image` once the image's hash is known. */
json_t *requirements_to_json(const struct requirements *require);
int requirements_from_json(const json_t *object, struct requirements *ret_require, struct err *err);
json_t *end_rule_to_json(const struct end_rule *end);
int end_rule_from_json(const json_t *object, struct end_rule *ret_end, struct err *err);
json_t *job_spec_to_json(const struct job_spec *spec); /* normalised: all defaults and suite contents written out */
int job_spec_from_json(const json_t *object, struct job_spec **ret_spec, struct err *err);

/* Whether the pattern ("Flash.*" or a full name) covers a case name. */
bool case_pattern_matches(const char *pattern, const char *name);

#endif
