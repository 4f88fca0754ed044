/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a run passed: a pure decision over what was required, what the parser saw and how capture ended.
 *
 * The collector takes parser events as they come and answers "is the run over?"; judge() gives the verdict, once. */
#ifndef ASSAY_JUDGE_JUDGE_H
#define ASSAY_JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/json.h"
#include "core/parse/parse.h"
#include "core/spec/spec.h"
#include "core/spec/waiver.h"
#include "core/verdict/measure.h"
#include "core/verdict/verdict.h"

#define JUDGE_MAX_CASES             100000
#define JUDGE_MAX_CASE_MEASUREMENTS 64  /* kept of one case, of those without a limit */
#define JUDGE_MAX_LIMITED           512 /* and in all, over all its results; of further ones the last past a limit */
#define JUDGE_MAX_MEASUREMENTS      8192

struct case_result {
	char *group;
	char *name;
	enum case_verdict verdict;
	char *message; /* the board's own words, or why it is missing / crashed / error / not judged; "" when none */
	bool required;
	bool waived_ignore; /* ignored, and ignored-ok covers it */
	enum case_category category;
	enum case_standing standing;
	int64_t waiver; /* id of the one that covers it; 0: none */
	struct measurement
		*measurements; /* printed while it ran, and what is missing of them; owned by the collector */
	size_t measurement_count;
	uint64_t offset, end;       /* console bytes it rests on; 0,0 for missing */
	int64_t begun_us, ended_us; /* by the rack's clock, 0 when unknown */
};

/* Why capture stopped listening. */
enum capture_end {
	CAPTURE_OPEN,     /* not yet */
	CAPTURE_COMPLETE, /* end.when was reached */
	CAPTURE_SILENCE,
	CAPTURE_LIMIT,
	CAPTURE_REBOOT,  /* more resets than allowed */
	CAPTURE_CRASHED, /* a fault or lockup was seen */
	CAPTURE_LOST,    /* the console went away */
	CAPTURE_CANCELLED
};

/* What else is known when judging. */
struct judge_facts {
	enum capture_end capture;
	uint64_t console_bytes;
	uint64_t console_dropped;   /* bytes known to be lost on the way */
	uint32_t probe_resets;      /* resets seen through the probe after reset was released */
	bool core_faulted;          /* post-mortem: core in a fault handler or locked up */
	char core_text[160];        /* post-mortem in words, "" when none */
	char expected_build_id[65]; /* of the flashed image; "" when it has none */
};

struct run_judgement {
	enum cause cause;
	char text[400]; /* one line: why, with case, numbers and console offset */
	/* Each result once: waived and expected ones are in none of the others. */
	uint32_t passed, failed, ignored, missing, crashed, error, waived, expected;
};

struct collector; /* private; create/destroy */

/* require and end are kept by reference: they must outlive the collector. NULL when memory runs out.
 * on_case (may be NULL) is told every result as it comes, and from inside collector_judge also those that only the end
 * shows (missing, crashed, without verdict): together they are all of collector_results. A case is told again when a
 * later result changes it; the last word counts. */
struct collector *collector_create(const struct requirements *require, const struct end_rule *end,
				   void (*on_case)(void *context, const struct case_result *result), void *context);
void collector_destroy(struct collector *collector);
/* The waivers in force and the limits, before the first event; kept by reference; either may be NULL. */
void collector_hold_to(struct collector *collector, const struct waiver_rules *waivers,
		       const struct measure_limits *limits);
/* The build id that the banner must name, before the first event ("" or NULL: any). Once another one is seen,
 * collector_wrong_image is true and no further case is taken in: nothing that image prints is judged. */
void collector_expect_image(struct collector *collector, const char *build_id);
bool collector_wrong_image(const struct collector *collector);
/* now_us is the rack's clock at which the bytes came. */
void collector_feed(struct collector *collector, const struct parse_event *event, int64_t now_us);
/* The console's bytes themselves, before the events the parser makes of them: the required lines are looked for in
 * them. */
void collector_text(struct collector *collector, const uint8_t *data, size_t size_bytes);
/* Whether end.when has been reached (required seen / summaries seen), or the image is the wrong one; silence, limit and
 * settle are the caller's timers. */
bool collector_complete(const struct collector *collector);
/* Boots seen in the console after the first, without those that were asked for. */
uint32_t collector_reboots(const struct collector *collector);
/* Requests for a reset or a power cycle that were granted (end.asks): when it grew, the last event is one to carry out.
 */
uint32_t collector_asks(const struct collector *collector);

/* The verdict, by the first of these that holds:
 *   wrong-image      the banner names another image than expected: nothing is judged
 *   crash            the core faulted or locked up; or a case is open and the console told of a fault
 *   reboot           the board began again more often than `resets` allows; an open case is marked crashed
 *   hang             a case is open and the console fell silent, or the limit came
 *   case-failed, unexpected-pass, duplicate-result, limit, regression
 *   gave-up          the suite said so
 *   crash            of a case that an allowed reset cut off and that did not come again
 *   cancelled        capture was cancelled: what is absent then says nothing
 *   no-output        not one byte came
 *   unterminated, case-missing, case-ignored, measure-missing, out-of-order, unasked-result, count-mismatch,
 *   summary-missing, banner-missing, line-missing
 *   no-result        no case ran, ignored ones at most came, and no line was required
 *   passed-waived    a waiver covers something
 *   passed-expected  a case was expected to fail, and did
 *   all-required-seen
 * A case that passed and printed a value past a limit gets the verdict fail, one that did not print a value that has a
 * limit error; their message says so. What a waiver covers (core/spec/waiver.h), and a failure that was expected, makes
 * none of these causes. At the stage baseline an ignored case did not do what was expected: case-ignored.
 * Where bytes were lost, everything that rests on something absent (a hang, a missing case, counts that disagree ...)
 * is console-lost instead; what was seen (a failure, a reboot) stays what it is, and a run of which all that was
 * required was seen passes. The same holds where listening broke off (CAPTURE_OPEN). Cases of which that hides the
 * verdict are neither missing nor crashed: they get error, and the message "not judged: ...".
 * A run that passes says which waivers of defects that always show (not intermittent) were not needed.
 * A case that is open when capture ended with CAPTURE_COMPLETE or _CANCELLED, or with _REBOOT in a later boot, is left
 * out. Adds missing and crashed
 * cases to the results. Call once, after parser_end. */
void collector_judge(struct collector *collector, const struct judge_facts *facts, struct run_judgement *ret);
const struct case_result *collector_results(const struct collector *collector, size_t *ret_count);

/* Values printed while no case was open; unjudged. */
const struct measurement *collector_loose_measurements(const struct collector *collector, size_t *ret_count);

/* One case as JSON for events, the store and reports: {group, name, verdict, message, required, waived_ignore,
 * category, standing, waiver, measurements, offset, end, begun_at_us, ended_at_us}. NULL when memory runs out. */
json_t *case_result_to_json(const struct case_result *result);

#endif
