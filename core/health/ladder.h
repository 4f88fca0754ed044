/* SPDX-License-Identifier: Apache-2.0 */
/* The recovery ladder: which means to try next on a board that does not answer. Pure: outcomes in, next rung out.
 *
 * Every rung ends with the same proof: contact with the target, its core stopped, and its identity read. A rung whose
 * proof holds has helped, and the recovery is over. One whose proof fails says by its cause what is wrong now: the next
 * rung is the nearest one above that fits. What the board has no means for is passed over, and the account says so.
 * When none is left the board is to be quarantined.
 *
 * Happy path: ladder_init -> ladder_next -> ladder_tell … -> ladder_end() is LADDER_HELPED. */
#ifndef ASSAY_HEALTH_LADDER_H
#define ASSAY_HEALTH_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/verdict/verdict.h"

/* Bottom up: the gentlest first. */
#define RECOVERY_RUNGS(X)                                                                                              \
	X(LOOK, "look")                   /* nothing but the proof: the run's end, or a moment, may have mended it */  \
	X(LINE_RESET, "line-reset")       /* the debug port: what hangs is aborted, and it is brought up anew */       \
	X(TARGET_RESET, "target-reset")   /* the chip, by its reset line, or by SYSRESETREQ where there is none */     \
	X(UNDER_RESET, "under-reset")     /* contact while the reset line is held, the core caught at its vector */    \
	X(PROBE_RESTART, "probe-restart") /* the program that drives the probe is replaced */                          \
	X(USB_RESET, "usb-reset")         /* the probe itself starts again */                                          \
	X(POWER_CYCLE, "power-cycle")     /* off long enough for what is charged to be empty, and on */

enum recovery_rung {
#define X(name, text) RUNG_##name,
	RECOVERY_RUNGS(X)
#undef X
		RECOVERY_RUNG_COUNT
};

/* What became of a rung. */
#define RUNG_RESULTS(X)                                                                                                \
	X(HELPED, "helped")                                                                                            \
	X(FAILED, "failed")                                                                                            \
	X(ABSENT, "absent")   /* the board has no means for it */                                                      \
	X(UNFIT, "unfit")     /* it does not reach what is wrong */                                                    \
	X(STOPPED, "stopped") /* broken off: the agent ends */

enum rung_result {
#define X(name, text) RUNG_IS_##name,
	RUNG_RESULTS(X)
#undef X
};

#define LADDER_ENDS(X)                                                                                                 \
	X(CLIMBING, "climbing")                                                                                        \
	X(HELPED, "helped")                                                                                            \
	X(EXHAUSTED, "exhausted") /* no rung helped */                                                                 \
	X(STOPPED, "stopped")

enum ladder_end {
#define X(name, text) LADDER_##name,
	LADDER_ENDS(X)
#undef X
};

const char *recovery_rung_name(enum recovery_rung rung);
const char *rung_result_name(enum rung_result result);
const char *ladder_end_name(enum ladder_end end);
bool recovery_rung_parse(const char *name, enum recovery_rung *ret_rung);
bool rung_result_parse(const char *name, enum rung_result *ret_result);
bool ladder_end_parse(const char *name, enum ladder_end *ret_end);

/* One rung of the account. */
struct ladder_try {
	enum recovery_rung rung;
	enum rung_result result;
	enum cause cause; /* CAUSE_NONE unless it failed */
	char text[200];   /* what was done, or why not */
	int64_t took_us;
};

/* What a board can be helped with. */
struct ladder_means {
	const char
		*absent[RECOVERY_RUNG_COUNT]; /* why there is no such rung; NULL: there is one. Outlives the ladder */
	bool loses_power; /* its power was taken away at the end of what failed: a look comes first */
};

/* In the caller's memory. All but tries, count and end is private. */
struct ladder {
	struct ladder_means means;
	struct ladder_try tries[RECOVERY_RUNG_COUNT];
	size_t count;
	enum ladder_end end;
	enum recovery_rung next;
	bool given; /* next was given out and its outcome is awaited */
};

/* cause: what began it; CAUSE_NONE: nothing is known to be wrong. There is always a look. */
void ladder_init(struct ladder *ladder, const struct ladder_means *means, enum cause cause);
/* The rung to try now; notes those it passes over. False: none is left, the end is no longer LADDER_CLIMBING. */
bool ladder_next(struct ladder *ladder, enum recovery_rung *ret_rung);
/* What came of the rung given out last: CAUSE_NONE when its proof held. text is copied. */
void ladder_tell(struct ladder *ladder, enum cause cause, const char *text, int64_t took_us);
/* It is broken off, whatever is under way. */
void ladder_stop(struct ladder *ladder);
/* Of one that is exhausted: whether what failed last was that nothing answered at all (no power, no probe, no contact),
 * which is mended where the board is. False when something answered wrongly: that needs a person's judgement. */
bool ladder_met_silence(const struct ladder *ladder);
/* The last rung that failed; NULL: none did. */
const struct ladder_try *ladder_last_failed(const struct ladder *ladder);
/* The lowest rung that reaches what this cause tells of. */
enum recovery_rung ladder_fits(enum cause cause);

#endif
