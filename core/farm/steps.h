/* SPDX-License-Identifier: Apache-2.0 */
/* The step engine: walks a table of steps forward, and back over whatever was begun, last first, on success, failure,
 * timeout and cancel alike.
 *
 * Happy path: for each row start -> done(OK) -> next row; after the last row (or the first failure) the rows that
 * began and name an undo are undone in reverse order; then all_done() is called, once, as the engine's last act.
 *
 * Ways it fails, and what happens:
 *   start refuses (returns an error)     the step failed at once; no callback is owed; if the row has `undo_refused`
 *                                        its undo still runs
 *   done(error)                          first error wins; walk back; the row's own undo runs too (it must accept a
 *                                        half-done start)
 *   no done within limit_ms              abort() is called (soft); after STEPS_GRACE_MS kill() (hard); done is still
 *                                        owed by the row; the step's result is a time-out whatever done then says
 *   no done even after kill              after STEPS_KILL_MS the engine gives the row up: counted as "lost"; walks
 *                                        back; a later done is dropped by its serial; the board must be quarantined
 *                                        (outcome.lost)
 *   cancel                               a request: abort() to the running row, then the same grace and kill as at a
 *                                        limit; a row without abort runs on to its own done or limit. What the row
 *                                        then says counts: a success won stays one, an error stays that error, and
 *                                        rows answer CAUSE_CANCELLED when it was the abort that ended them. Rows not
 *                                        yet begun are skipped, except `always` ones. The outcome is cancelled only
 *                                        when nothing failed first and the cancel did stop something: a row said so,
 *                                        was lost under it, or was skipped. A cancel after the last row won is too
 *                                        late and changes nothing
 *   undo fails, refuses or times out     verdict untouched; outcome.teardown_failed set; the walk back goes on
 *   cancel during the walk back          ignored
 * Everything is driven by the caller's loop: the engine asks its ports for a timer and for the time, and never
 * blocks. Completions carry the serial of their call; stale ones are dropped and counted. A completion may come from
 * inside abort or kill. steps_cancel may be called from inside begun, ended and every row function. all_done is only
 * ever called from steps_tick, so nobody else finds the engine freed under him. */
#ifndef ASSAY_FARM_STEPS_H
#define ASSAY_FARM_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/verdict/verdict.h"

#define STEPS_MAX              24
#define STEPS_GRACE_MS         2000  /* from abort to kill */
#define STEPS_KILL_MS          2000  /* from kill to giving the row up */
#define STEPS_DEFAULT_LIMIT_MS 10000 /* of a row that names none */

struct steps;
struct flashed; /* core/health/wear.h */

/* How one step or undo ended. */
struct step_result {
	enum cause cause; /* CAUSE_NONE, or one whose verdict is passed: it went well. Any other ends the walk */
	char text[400];   /* one line: what happened, also on success ("flash skipped: read back and equal") */
	const struct flashed *flash; /* what a step that wrote flash erased there; NULL: it wrote none */
};

/* One row. All functions get the context given to steps_init. start and undo return 0 and owe exactly one
 * steps_done(steps, serial, …) later (never before they returned), or fill *refused and return nonzero and owe
 * nothing. */
struct step_row {
	const char *name; /* "power-on" …; also in the store, the live view and the report */
	int (*start)(void *context, uint64_t serial, struct step_result *refused);
	int (*undo)(void *context, uint64_t serial, struct step_result *refused); /* NULL: nothing to undo */
	void (*abort)(void *context,
		      uint64_t serial); /* soft: end soon, of start or undo; NULL: only kill, at the limit */
	void (*kill)(void *context, uint64_t serial); /* hard: end now; NULL: nothing can be done */
	const char *undo_name;                        /* "power-off" …; NULL when undo is NULL */
	int64_t limit_ms;                             /* of start .. done; 0: STEPS_DEFAULT_LIMIT_MS */
	int64_t undo_limit_ms;                        /* of undo .. done; the same */
	enum cause limit_cause;                       /* of a time-out; CAUSE_NONE means CAUSE_STEP_LIMIT */
	bool undo_refused;                            /* undo also when start refused */
	bool always; /* run forward even when an earlier row failed or a cancel came (judge: what was seen is judged),
		      * as long as needs_row was begun; its result never replaces the first failure */
	const char *needs_row; /* with always: the name of an earlier row that must have begun; NULL: none */
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
	size_t first_row; /* of the first failure, or the first row that the cancel stopped or kept from starting */
	bool teardown_failed;
	bool lost; /* a row never came back even after kill: it may still call steps_done, so the engine's memory must
		    * stay until it no longer can */
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
	int state; /* enum steps_state of steps.c */
	enum step_phase phase;
	size_t at;       /* forward: this row or the next one; back: rows below it are still to be undone */
	uint64_t serial; /* of the last call made */
	int64_t begun_us;
	int64_t due_us;        /* when the state's timer is due; -1: disarmed */
	bool began[STEPS_MAX]; /* to be undone */
	bool cancel_wanted;
	bool timed_out;
	bool in_call; /* inside a row's start or undo: a completion there is a bug of the row: asserted */
};

/* rows (at most STEPS_MAX, names not NULL) and what they point to must outlive the engine; ports is copied. */
void steps_init(struct steps *steps, const struct step_row *rows, size_t row_count, void *row_context,
		const struct steps_ports *ports);
/* Begins the walk. Calls back (begun, ended) before it returns, but never all_done. */
void steps_begin(struct steps *steps);
/* A completion, from the row's own callbacks. result is copied. */
void steps_done(struct steps *steps, uint64_t serial, const struct step_result *result);
/* Before steps_begin: nothing will be started. After the end: nothing happens. */
void steps_cancel(struct steps *steps);
void steps_tick(struct steps *steps); /* the timer fired */
const struct steps_outcome *steps_outcome(const struct steps *steps);
/* From steps_begin until all_done is called. */
bool steps_running(const struct steps *steps);

#endif
