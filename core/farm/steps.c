/* SPDX-License-Identifier: Apache-2.0 */
/* The step engine: a declared table of states, one function that moves between them, and the walk over the rows. */
#include "core/farm/steps.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"

/* X(state, text, states it may move to). While a state waits, what it waits for stands beside it:
 *   idle      steps_begin
 *   moving    nothing: the engine is on the stack, choosing or calling the next row
 *   running   the row's done, or its limit
 *   aborting  the row's done after abort, or the grace
 *   killing   the row's done after kill, or STEPS_KILL_MS
 *   ending    one turn of the caller's loop
 *   ended     nothing: the engine may be gone */
#define STATES(X)                                                                                                      \
	X(IDLE, "idle", BIT(MOVING))                                                                                   \
	X(MOVING, "moving", BIT(RUNNING) | BIT(ENDING))                                                                \
	X(RUNNING, "running", BIT(MOVING) | BIT(ABORTING) | BIT(KILLING))                                              \
	X(ABORTING, "aborting", BIT(MOVING) | BIT(KILLING))                                                            \
	X(KILLING, "killing", BIT(MOVING))                                                                             \
	X(ENDING, "ending", BIT(ENDED))                                                                                \
	X(ENDED, "ended", 0)

#define BIT(state) (1u << STATE_##state)

enum steps_state {
#define X(name, text, allowed) STATE_##name,
	STATES(X)
#undef X
};

static const struct {
	const char *name;
	unsigned allowed;
} states[] = {
#define X(name, text, allowed) {text, allowed},
	STATES(X)
#undef X
};

static int64_t now_us(const struct steps *steps)
{
	return steps->ports.now_us(steps->ports.context);
}

/* When the timer of a state that is entered now is due; -1 for none. */
static int64_t state_due_us(const struct steps *steps, enum steps_state state)
{
	const struct step_row *row = &steps->rows[steps->at];
	int64_t limit_ms;

	switch (state) {
	case STATE_RUNNING:
		limit_ms = steps->phase == STEP_FORWARD ? row->limit_ms : row->undo_limit_ms;
		return steps->begun_us + (limit_ms > 0 ? limit_ms : STEPS_DEFAULT_LIMIT_MS) * 1000;
	case STATE_ABORTING:
		return now_us(steps) + STEPS_GRACE_MS * 1000;
	case STATE_KILLING:
		return now_us(steps) + STEPS_KILL_MS * 1000;
	case STATE_ENDING:
		return now_us(steps);
	default:
		return -1;
	}
}

/* The only place where the state changes. The timer belongs to the state: entering one arms its own or none. */
static void move(struct steps *steps, enum steps_state next)
{
	int64_t due_us = state_due_us(steps, next);

	log_debug("steps", "row %zu: %s -> %s", steps->at, states[steps->state].name, states[next].name);
	if (!(states[steps->state].allowed & 1u << next))
		abort();
	steps->state = (int)next;
	if (due_us == steps->due_us)
		return;
	steps->due_us = due_us;
	steps->ports.set_timer(steps->ports.context, due_us);
}

static bool went_well(const struct step_result *result)
{
	enum run_verdict verdict = cause_verdict(result->cause);

	return verdict == RUN_NONE || verdict == RUN_PASSED;
}

static bool failed(const struct steps *steps)
{
	return steps->outcome.first.cause != CAUSE_NONE;
}

static void note_failure(struct steps *steps, size_t row, const struct step_result *result)
{
	if (failed(steps))
		return;
	steps->outcome.first = *result;
	steps->outcome.first_row = row;
}

static const char *call_name(const struct steps *steps)
{
	const struct step_row *row = &steps->rows[steps->at];

	if (steps->phase == STEP_BACK && row->undo_name)
		return row->undo_name;
	return row->name;
}

/* The row's call is over, one way or the other: takes the result in and turns to the next row. */
static void end_call(struct steps *steps, const struct step_result *result)
{
	size_t row = steps->at;
	const char *name = call_name(steps);
	int64_t took_us = now_us(steps) - steps->begun_us;

	if (steps->phase == STEP_BACK) {
		if (!went_well(result))
			steps->outcome.teardown_failed = true;
	} else {
		steps->at++;
		if (!went_well(result))
			note_failure(steps, row, result);
	}
	steps->ports.ended(steps->ports.context, row, steps->phase, name, result, took_us);
}

static bool row_began(const struct steps *steps, const char *name)
{
	for (size_t i = 0; i < steps->at; i++) {
		if (strcmp(steps->rows[i].name, name) == 0)
			return steps->began[i];
	}
	return false;
}

/* Whether the next row forward is to be started, given what has happened so far. */
static bool row_wanted(struct steps *steps)
{
	const struct step_row *row = &steps->rows[steps->at];
	struct step_result cancelled = {.cause = CAUSE_CANCELLED};

	if (!failed(steps) && !steps->cancel_wanted)
		return true;
	if (row->always)
		return !row->needs_row || row_began(steps, row->needs_row);
	if (!failed(steps)) {
		snprintf(cancelled.text, sizeof(cancelled.text), "cancelled before %s", row->name);
		note_failure(steps, steps->at, &cancelled);
	}
	return false;
}

/* Sets `at` and `phase` to the next call to make; false when none is left. */
static bool find_next(struct steps *steps)
{
	if (steps->phase == STEP_FORWARD) {
		for (; steps->at < steps->row_count; steps->at++) {
			if (row_wanted(steps))
				return true;
		}
		steps->phase = STEP_BACK;
	}
	while (steps->at > 0) {
		steps->at--;
		if (steps->began[steps->at] && steps->rows[steps->at].undo)
			return true;
	}
	return false;
}

/* A cancel reaches the running row only if it can be asked; else its done or its limit is waited for. */
static void cancel_row(struct steps *steps)
{
	const struct step_row *row = &steps->rows[steps->at];

	if (!row->abort)
		return;
	move(steps, STATE_ABORTING);
	row->abort(steps->row_context, steps->serial);
}

/* Makes the call that find_next chose. */
static void call_row(struct steps *steps)
{
	const struct step_row *row = &steps->rows[steps->at];
	bool forward = steps->phase == STEP_FORWARD;
	bool cancelled_before = steps->cancel_wanted; /* then this row runs all the same: it is an `always` one */
	struct step_result refused = {.cause = CAUSE_NONE};
	int rc;

	steps->serial++;
	steps->timed_out = false;
	steps->begun_us = now_us(steps);
	steps->ports.begun(steps->ports.context, steps->at, steps->phase, call_name(steps));

	steps->in_call = true;
	rc = (forward ? row->start : row->undo)(steps->row_context, steps->serial, &refused);
	steps->in_call = false;

	if (forward)
		steps->began[steps->at] = rc == 0 || row->undo_refused;
	if (rc) {
		if (went_well(&refused)) {
			refused.cause = CAUSE_INTERNAL;
			snprintf(refused.text, sizeof(refused.text), "%s refused without saying why", call_name(steps));
		}
		end_call(steps, &refused);
		return;
	}
	move(steps, STATE_RUNNING);
	if (forward && steps->cancel_wanted && !cancelled_before)
		cancel_row(steps);
}

/* Goes on until a row owes a completion or nothing is left. */
static void walk(struct steps *steps)
{
	while (steps->state == STATE_MOVING) {
		if (find_next(steps))
			call_row(steps);
		else
			move(steps, STATE_ENDING);
	}
}

void steps_init(struct steps *steps, const struct step_row *rows, size_t row_count, void *row_context,
		const struct steps_ports *ports)
{
	assert(row_count <= STEPS_MAX);
	*steps = (struct steps){
		.rows = rows,
		.row_count = row_count,
		.row_context = row_context,
		.ports = *ports,
		.state = STATE_IDLE,
		.due_us = -1,
	};
}

void steps_begin(struct steps *steps)
{
	move(steps, STATE_MOVING);
	walk(steps);
}

static bool awaits_done(const struct steps *steps)
{
	return steps->state == STATE_RUNNING || steps->state == STATE_ABORTING || steps->state == STATE_KILLING;
}

/* The result of a call that had passed its limit; said is what the row answered in the end, NULL when nothing. */
static void timeout_result(const struct steps *steps, const struct step_result *said, struct step_result *ret_result)
{
	const struct step_row *row = &steps->rows[steps->at];
	bool forward = steps->phase == STEP_FORWARD;
	int64_t limit_ms = forward ? row->limit_ms : row->undo_limit_ms;

	ret_result->cause = forward && row->limit_cause != CAUSE_NONE ? row->limit_cause : CAUSE_STEP_LIMIT;
	snprintf(ret_result->text, sizeof(ret_result->text), "%s was not done within %lld ms%s%.300s", call_name(steps),
		 (long long)(limit_ms > 0 ? limit_ms : STEPS_DEFAULT_LIMIT_MS),
		 !said           ? " and never came back, even after it was killed"
		 : said->text[0] ? "; then: "
				 : "",
		 said ? said->text : "");
}

void steps_done(struct steps *steps, uint64_t serial, const struct step_result *result)
{
	struct step_result late = {.cause = CAUSE_NONE};

	assert(!(steps->in_call && serial == steps->serial));
	if (serial != steps->serial || !awaits_done(steps)) {
		steps->outcome.stale++;
		return;
	}
	if (steps->timed_out) {
		timeout_result(steps, result, &late);
		result = &late;
	}
	move(steps, STATE_MOVING);
	end_call(steps, result);
	walk(steps);
}

void steps_cancel(struct steps *steps)
{
	if (steps->phase == STEP_BACK || steps->state == STATE_ENDED || steps->cancel_wanted)
		return;
	steps->cancel_wanted = true;
	if (steps->state == STATE_RUNNING)
		cancel_row(steps);
}

static void kill_row(struct steps *steps)
{
	const struct step_row *row = &steps->rows[steps->at];

	move(steps, STATE_KILLING);
	if (row->kill)
		row->kill(steps->row_context, steps->serial);
}

static void abort_row(struct steps *steps)
{
	const struct step_row *row = &steps->rows[steps->at];

	steps->timed_out = true;
	if (!row->abort) {
		kill_row(steps);
		return;
	}
	move(steps, STATE_ABORTING);
	row->abort(steps->row_context, steps->serial);
}

/* The row owes its done for ever; the next call has another serial, so that a late done is told from a new one. */
static void give_up_row(struct steps *steps)
{
	struct step_result result = {.cause = CAUSE_NONE};

	steps->outcome.lost = true;
	if (steps->timed_out) {
		timeout_result(steps, NULL, &result);
	} else {
		result.cause = CAUSE_CANCELLED;
		snprintf(result.text, sizeof(result.text), "cancelled; %s never came back, even after it was killed",
			 call_name(steps));
	}
	move(steps, STATE_MOVING);
	end_call(steps, &result);
	walk(steps);
}

void steps_tick(struct steps *steps)
{
	if (steps->due_us < 0)
		return;
	if (now_us(steps) < steps->due_us) {
		steps->ports.set_timer(steps->ports.context, steps->due_us);
		return;
	}
	switch ((enum steps_state)steps->state) {
	case STATE_RUNNING:
		abort_row(steps);
		break;
	case STATE_ABORTING:
		kill_row(steps);
		break;
	case STATE_KILLING:
		give_up_row(steps);
		break;
	case STATE_ENDING:
		move(steps, STATE_ENDED);
		steps->ports.all_done(steps->ports.context);
		break;
	default:
		break;
	}
}

const struct steps_outcome *steps_outcome(const struct steps *steps)
{
	return &steps->outcome;
}

bool steps_running(const struct steps *steps)
{
	return steps->state != STATE_IDLE && steps->state != STATE_ENDED;
}
