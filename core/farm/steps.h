/* SPDX-License-Identifier: Apache-2.0 */
/* The step engine: walks a table of steps forward, and back over whatever was begun, last first, on success, failure,
 * timeout and cancel alike.
 *
 * Happy path: for each row start -> done(OK) -> next row; after the last row (or the first failure) the rows that
 * began and name an undo are undone in reverse order; then ended() is called, once, as the engine's last act.
 *
 * Ways it fails, and what happens:
 *   start refuses (returns an error)     the step failed at once; no callback is owed; if the row has `undo_refused`
 *                                        its undo still runs
 *   done(error)                          first error wins; walk back; the row's own undo runs too (it must accept a
 *                                        half-done start)
 *   no done within limit_ms              abort() is called (soft); after grace_ms kill() (hard); done is still owed
 *                                        by the row; the step's result is a time-out whatever done then says
 *   no done even after kill, kill_ms     the engine gives the row up: counted as "lost"; walks back; a later done is
 *                                        dropped by its serial; the board must be quarantined (result.lost)
 *   cancel                               a request: abort() to the running row; a success already won stays one; rows
 *                                        not yet begun are skipped; verdict cancelled only when nothing failed first
 *   undo fails or times out              verdict untouched; result.teardown_failed set; the walk back goes on
 *   cancel during the walk back          ignored
 * Everything is driven by the caller's loop: the engine asks its ports for a timer and for the time, and never
 * blocks. Completions carry the serial of their call; stale ones are dropped and counted. */
#ifndef ASSAY_FARM_STEPS_H
#define ASSAY_FARM_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/verdict.h"

#define STEPS_MAX 24

struct steps;

/* How one step or undo ended. */
struct step_result {
	enum cause
		cause; /* CAUSE_NONE: it went well. A product cause (cause_verdict FAILED) or any other ends the walk */
	char text[400]; /* one line: what happened, also on success ("flash skipped: read back and equal") */
};

/* One row. All functions get the context given to steps_init. start and undo return 0 and owe exactly one
 * steps_done(steps, serial, …) later (never before they returned), or fill *refused and return nonzero and owe
 * nothing. */
struct step_row {
	const char *name; /* "power-on" …; also in the store, the live view and the report */
	int (*start)(void *context, uint64_t serial, struct step_result *refused);
	int (*undo)(void *context, uint64_t serial, struct step_result *refused); /* NULL: nothing to undo */
	void (*abort)(void *context, uint64_t serial);                            /* soft: end soon; NULL: only kill */
	void (*kill)(void *context, uint64_t serial); /* hard: end now; NULL: nothing can be done */
	const char *undo_name;                        /* "power-off" …; NULL when undo is NULL */
	int64_t limit_ms;                             /* of start .. done */
	int64_t undo_limit_ms;
	enum cause limit_cause; /* of a time-out; CAUSE_NONE means CAUSE_STEP_LIMIT */
	bool undo_refused;      /* undo also when start refused */
	bool always; /* run forward even when an earlier row failed (judge: what was seen is judged), as long as
		      * needs_row was begun; its result never replaces the first failure */
};

enum step_phase { STEP_FORWARD, STEP_BACK };

/* The engine's world. */
struct steps_ports {
	void *context;
	int64_t (*now_us)(void *context); /* monotonic */
	/* One timer: calls steps_tick(steps) at or after due_us; a new call replaces the old; due_us < 0 disarms. */
	void (*set_timer)(void *context, int64_t due_us);
	/* Told of everything, in order: for the store, the live view and the report. name is the row's name or
	 * undo_name. */
	void (*begun)(void *context, size_t row, enum step_phase phase, const char *name);
	void (*ended)(void *context, size_t row, enum step_phase phase, const char *name,
		      const struct step_result *result, int64_t took_us);
	/* The last call the engine makes; the engine may be finished and freed inside it. */
	void (*all_done)(void *context);
};

struct steps_outcome {
	struct step_result first; /* the first failure, or CAUSE_NONE, or CAUSE_CANCELLED */
	size_t first_row;         /* of the first failure */
	bool teardown_failed;
	bool lost;      /* a row never came back even after kill */
	uint32_t stale; /* completions dropped */
};

/* All private; in the caller's memory. */
struct steps {
	const struct step_row *rows;
	size_t row_count;
	void *row_context;
	struct steps_ports ports;
	struct steps_outcome outcome;
	/* the walk */
	int state;
	size_t at;
	uint64_t serial;
	int64_t begun_us;
	int64_t due_us;
	bool began[STEPS_MAX];
	bool cancel_wanted;
	bool timed_out;
	bool in_start; /* a completion inside start is a bug of the row: asserted */
};

void steps_init(struct steps *steps, const struct step_row *rows, size_t row_count, void *row_context,
		const struct steps_ports *ports);
/* Begins the walk. Calls back (begun) before it returns, but never all_done. */
void steps_begin(struct steps *steps);
/* A completion, from the row's own callbacks. */
void steps_done(struct steps *steps, uint64_t serial, const struct step_result *result);
void steps_cancel(struct steps *steps);
void steps_tick(struct steps *steps); /* the timer fired */
const struct steps_outcome *steps_outcome(const struct steps *steps);
bool steps_running(const struct steps *steps);

#endif
