/* SPDX-License-Identifier: Apache-2.0 */
/* The words for how a case, a step and a run ended, and for why. One list each; their names are what the API, the
 * database, the reports and the pages show. */
#ifndef ASSAY_VERDICT_VERDICT_H
#define ASSAY_VERDICT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

/* Of a case. `crashed`: it began and neither it nor the summary ever came. `missing`: required and never begun.
 * `error`: results that contradict each other, or that nobody can know because the console was lost. */
#define CASE_VERDICTS(X)                                                                                               \
	X(PASS, "pass")                                                                                                \
	X(FAIL, "fail")                                                                                                \
	X(IGNORED, "ignored")                                                                                          \
	X(MISSING, "missing")                                                                                          \
	X(CRASHED, "crashed")                                                                                          \
	X(ERROR, "error")

enum case_verdict {
#define X(name, text) CASE_##name,
	CASE_VERDICTS(X)
#undef X
};

/* What a case is for. */
#define CASE_CATEGORIES(X)                                                                                             \
	X(FUNCTIONAL, "functional")                                                                                    \
	X(PERFORMANCE, "performance")                                                                                  \
	X(SECURITY, "security")

enum case_category {
#define X(name, text) CATEGORY_##name,
	CASE_CATEGORIES(X)
#undef X
};

/* How a case's verdict stands with what was asked; the verdict itself is never touched by it. WAIVED: it did not do
 * what it should, and a waiver in force covers that. EXPECTED: it failed, as it was expected to. UNEXPECTED_PASS: it
 * was expected to fail, and passed. OPTIONAL: it need not run (it must not fail all the same). */
#define CASE_STANDINGS(X)                                                                                              \
	X(PLAIN, "")                                                                                                   \
	X(WAIVED, "waived")                                                                                            \
	X(EXPECTED, "expected")                                                                                        \
	X(UNEXPECTED_PASS, "unexpected-pass")                                                                          \
	X(OPTIONAL, "optional")

enum case_standing {
#define X(name, text) STANDING_##name,
	CASE_STANDINGS(X)
#undef X
};

/* Of a measured value. UNJUDGED: there is no limit for it, or a relative one without a baseline yet. MISSING: it has a
 * limit and was not printed. */
#define MEASURE_VERDICTS(X)                                                                                            \
	X(UNJUDGED, "unjudged")                                                                                        \
	X(OK, "ok")                                                                                                    \
	X(OUT, "out")                                                                                                  \
	X(MISSING, "missing")

enum measure_verdict {
#define X(name, text) MEASURE_##name,
	MEASURE_VERDICTS(X)
#undef X
};

/* Of a run. NONE while it is open. */
#define RUN_VERDICTS(X)                                                                                                \
	X(NONE, "none")                                                                                                \
	X(PASSED, "passed")                                                                                            \
	X(FAILED, "failed")                                                                                            \
	X(INFRASTRUCTURE, "infrastructure")                                                                            \
	X(CANCELLED, "cancelled")                                                                                      \
	X(INCONCLUSIVE, "inconclusive")

enum run_verdict {
#define X(name, text) RUN_##name,
	RUN_VERDICTS(X)
#undef X
};

/* Why a run ended as it did. The second column is the verdict a cause leads to; product and infrastructure never
 * mix. */
#define CAUSES(X)                                                                                                      \
	X(NONE, NONE, "none")                                                                                          \
	X(ALL_REQUIRED_SEEN, PASSED, "all-required-seen")                                                              \
	X(PASSED_WAIVED, PASSED, "passed-waived")     /* all was seen, but for what waivers cover */                   \
	X(PASSED_EXPECTED, PASSED, "passed-expected") /* every case that was expected to fail did */                   \
	X(PASSED_ON_RETRY, PASSED, "passed-on-retry") /* of a job: an earlier attempt ended otherwise */               \
	X(LEASE_ENDED, PASSED, "lease-ended")         /* a person had the board, until the lease was over */           \
	/* the product */                                                                                              \
	X(CASE_FAILED, FAILED, "case-failed")                                                                          \
	X(CASE_MISSING, FAILED, "case-missing")                                                                        \
	X(CASE_IGNORED, FAILED, "case-ignored")     /* a required case was ignored */                                  \
	X(CRASH, FAILED, "crash")                   /* a case began; then a fault, lockup or reset */                  \
	X(HANG, FAILED, "hang")                     /* a case began and never ended */                                 \
	X(REBOOT, FAILED, "reboot")                 /* the board started again by itself */                            \
	X(UNTERMINATED, FAILED, "unterminated")     /* a case began, and the next one did before it had a verdict */   \
	X(GAVE_UP, FAILED, "gave-up")               /* the suite said so: "Bail out!" */                               \
	X(COUNT_MISMATCH, FAILED, "count-mismatch") /* summary and results disagree */                                 \
	X(DUPLICATE_RESULT, FAILED, "duplicate-result")                                                                \
	X(UNEXPECTED_PASS, FAILED, "unexpected-pass") /* a case that was expected to fail passed */                    \
	X(LIMIT, FAILED, "limit")                     /* a measurement passed a limit of the suite */                  \
	X(REGRESSION, FAILED, "regression")           /* a measurement is worse than the baseline allows */            \
	X(MEASURE_MISSING, FAILED, "measure-missing") /* a measurement that has a limit was not printed */             \
	X(OUT_OF_ORDER, FAILED, "out-of-order")       /* the cases did not begin in the order asked for */             \
	X(UNASKED_RESULT, FAILED, "unasked-result")   /* a result of a case that a strict suite does not name */       \
	X(SUMMARY_MISSING, FAILED, "summary-missing")                                                                  \
	X(BANNER_MISSING, FAILED, "banner-missing")     /* the image id was required and not printed */                \
	X(LINE_MISSING, FAILED, "line-missing")         /* a text that was required did not come */                    \
	X(NO_RESULT, INCONCLUSIVE, "no-result")         /* output, but no case ran */                                  \
	X(NO_OUTPUT, INCONCLUSIVE, "no-output")         /* verified image runs, console silent */                      \
	X(CONSOLE_LOST, INFRASTRUCTURE, "console-lost") /* console failed or dropped bytes */                          \
	/* the farm */                                                                                                 \
	X(POWER, INFRASTRUCTURE, "power")                                                                              \
	X(PROBE, INFRASTRUCTURE, "probe")       /* OpenOCD or the probe died, hung or answered nonsense */             \
	X(ATTACH, INFRASTRUCTURE, "attach")     /* the probe cannot reach the target */                                \
	X(IDENTITY, INFRASTRUCTURE, "identity") /* another board than the rack file says */                            \
	X(FLASH, INFRASTRUCTURE, "flash")                                                                              \
	X(VERIFY, INFRASTRUCTURE, "verify")                                                                            \
	X(RESET, INFRASTRUCTURE, "reset")                                                                              \
	X(WRONG_IMAGE, INFRASTRUCTURE, "wrong-image") /* the banner names another image than was flashed */            \
	X(IMAGE_UNAVAILABLE, INFRASTRUCTURE, "image-unavailable")                                                      \
	X(BOARD_LOST, INFRASTRUCTURE, "board-lost") /* the virtual board or its emulator died */                       \
	X(AGENT_LOST, INFRASTRUCTURE, "agent-lost") /* the agent did not come back */                                  \
	X(AGENT_RESTARTED, INFRASTRUCTURE, "agent-restarted")                                                          \
	X(STEP_LIMIT, INFRASTRUCTURE, "step-limit") /* a step other than capture passed its limit */                   \
	X(INTERNAL, INFRASTRUCTURE, "internal")                                                                        \
	X(CANCELLED, CANCELLED, "cancelled")                                                                           \
	X(PREEMPTED, CANCELLED, "preempted")   /* it gave its board to a job of a higher band, and is tried again */   \
	X(DEADLINE, CANCELLED, "deadline")     /* not started before the job's deadline */                             \
	X(DEPENDENCY, CANCELLED, "dependency") /* a job that had to pass first did not */

enum cause {
#define X(name, verdict, text) CAUSE_##name,
	CAUSES(X)
#undef X
};

const char *case_verdict_name(enum case_verdict verdict);
const char *case_category_name(enum case_category category);
const char *case_standing_name(enum case_standing standing);
const char *measure_verdict_name(enum measure_verdict verdict);
const char *run_verdict_name(enum run_verdict verdict);
const char *cause_name(enum cause cause);
enum run_verdict cause_verdict(enum cause cause);

/* By name; each returns false, leaving the output alone, when there is no such word. */
bool case_verdict_parse(const char *name, enum case_verdict *ret_verdict);
bool run_verdict_parse(const char *name, enum run_verdict *ret_verdict);
bool cause_parse(const char *name, enum cause *ret_cause);
bool case_category_parse(const char *name, enum case_category *ret_category);
bool case_standing_parse(const char *name, enum case_standing *ret_standing);
bool measure_verdict_parse(const char *name, enum measure_verdict *ret_verdict);

/* The verdict of a job whose runs (the last attempt of each) ended like this: the worst of them, in the order
 * failed, infrastructure, inconclusive, cancelled, passed; NONE while any is NONE, or when there are none. */
enum run_verdict run_verdict_combine(const enum run_verdict *verdicts, size_t count);

#endif
