/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated world: clock, timer, pending completions, and the engine's ports and rows. */
#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MS        1000
#define WORK_US   (10 * MS)
#define TURNS_MAX 2000 /* far more than any run needs */
#define LATE_US   ((STEPS_GRACE_MS + STEPS_KILL_MS + 50) * MS)

static const char *const names[] = {
#define X(name, text) #name,
	BEHAVIOURS(X)
#undef X
};

const char *behaviour_name(enum behaviour behaviour)
{
	return names[behaviour];
}

enum cause world_row_cause(size_t row)
{
	static const enum cause causes[] = {CAUSE_POWER, CAUSE_PROBE,  CAUSE_ATTACH, CAUSE_IDENTITY,
					    CAUSE_FLASH, CAUSE_VERIFY, CAUSE_RESET,  CAUSE_BOARD_LOST};

	return causes[row % (sizeof(causes) / sizeof(causes[0]))];
}

void world_complain(struct world *world, const char *format, ...)
{
	va_list args;

	if (world->bad)
		return;
	world->bad = true;
	va_start(args, format);
	vsnprintf(world->complaint, sizeof(world->complaint), format, args);
	va_end(args);
}

/* A point in time at which a cancel may come: before everything that happens, and inside all that is called. */
static void instant(struct world *world)
{
	if (world->instants++ != world->scenario->cancel_at)
		return;
	if (world->engine_gone)
		return;
	world->cancelled = true;
	world->calls_at_cancel = world->call_count;
	if (world->in_call)
		world->calls[world->call_count - 1].cancelled_during = true;
	steps_cancel(&world->steps);
}

static struct call *current(struct world *world)
{
	return &world->calls[world->call_count - 1];
}

static enum behaviour behaviour_of(const struct world *world, const struct call *call)
{
	return call->phase == STEP_FORWARD ? world->scenario->forward[call->row] : world->scenario->back[call->row];
}

int64_t call_limit_us(const struct world *world, const struct call *call)
{
	const struct step_row *row = &world->scenario->rows[call->row];
	int64_t limit_ms = call->phase == STEP_FORWARD ? row->limit_ms : row->undo_limit_ms;

	return (limit_ms ? limit_ms : STEPS_DEFAULT_LIMIT_MS) * MS;
}

static void schedule(struct world *world, size_t call, int64_t after_us, enum cause cause)
{
	if (world->pending_count == WORLD_PENDING) {
		world_complain(world, "the simulator has too much pending");
		return;
	}
	world->pending[world->pending_count++] = (struct pending){world->now_us + after_us, call, cause};
}

/* A row's completion. The first one of a call counts, as long as the engine still waits for it. */
static void complete(struct world *world, size_t index, enum cause cause)
{
	struct call *call = &world->calls[index];
	struct step_result result = {.cause = cause};

	if (call->done || call->ended)
		world->stale++;
	if (!call->done && !call->ended) {
		call->done_cause = cause;
		call->done_us = world->now_us;
	}
	call->done = call->done || !call->ended;
	snprintf(result.text, sizeof(result.text), "row %zu said %s", call->row, cause_name(cause));
	if (!world->engine_gone)
		steps_done(&world->steps, call->serial, &result);
}

static int64_t port_now(void *context)
{
	return ((struct world *)context)->now_us;
}

static void port_set_timer(void *context, int64_t due_us)
{
	struct world *world = context;

	if (world->engine_gone)
		world_complain(world, "set_timer after the end");
	if (due_us >= 0 && due_us < world->now_us)
		world_complain(world, "timer set into the past");
	world->timer_us = due_us;
}

static void port_begun(void *context, size_t row, enum step_phase phase, const char *name)
{
	struct world *world = context;
	const struct step_row *table = &world->scenario->rows[row];

	if (world->in_call || world->all_done)
		world_complain(world, "row %zu begun while another runs, or after the end", row);
	if (strcmp(name, phase == STEP_FORWARD ? table->name : table->undo_name) != 0)
		world_complain(world, "row %zu is told as %s", row, name);
	if (world->call_count == 2 * STEPS_MAX) {
		world_complain(world, "more calls than rows");
		return;
	}
	world->calls[world->call_count++] = (struct call){
		.row = row,
		.phase = phase,
		.begun_us = world->now_us,
		.cancelled_before = world->cancelled,
		.touched_us = -1,
		.killed_us = -1,
	};
	world->in_call = true;
	instant(world);
}

static void port_ended(void *context, size_t row, enum step_phase phase, const char *name,
		       const struct step_result *result, int64_t took_us)
{
	struct world *world = context;
	struct call *call = current(world);

	if (!world->in_call || world->all_done || call->row != row || call->phase != phase)
		world_complain(world, "row %zu (%s) ended, but is not the one that runs", row, name);
	if (took_us != world->now_us - call->begun_us)
		world_complain(world, "row %zu took %lld us", row, (long long)took_us);
	call->ended = true;
	call->told_cause = result->cause;
	world->in_call = false;
	instant(world);
}

static void port_all_done(void *context)
{
	struct world *world = context;

	world->all_done++;
	world->outcome = *steps_outcome(&world->steps);
	if (world->outcome.stale != world->stale)
		world_complain(world, "%u stale completions counted of %u", world->outcome.stale, world->stale);
	/* The owner frees the engine here, except when a row may still come back to it. */
	if (!world->outcome.lost) {
		world->engine_gone = true;
		memset(&world->steps, 0xa5, sizeof(world->steps));
	}
}

static int call_row(struct world *world, uint64_t serial, enum step_phase phase, struct step_result *refused)
{
	struct call *call = current(world);
	size_t index = world->call_count - 1;
	enum behaviour behaviour = behaviour_of(world, call);

	if (!world->in_call || call->called || call->phase != phase)
		world_complain(world, "row %zu was called without being told as begun", call->row);
	call->called = true;
	call->serial = serial;
	instant(world);
	switch (behaviour) {
	case BEHAVE_REFUSE:
		refused->cause = world_row_cause(call->row);
		/* fall through */
	case BEHAVE_REFUSE_MUTE:
		call->refused = true;
		return 1;
	case BEHAVE_OK:
		schedule(world, index, WORK_US, call->row % 2 ? CAUSE_NONE : CAUSE_ALL_REQUIRED_SEEN);
		break;
	case BEHAVE_TWICE:
		schedule(world, index, WORK_US, CAUSE_NONE);
		schedule(world, index, WORK_US + WORK_US / 2, world_row_cause(call->row));
		break;
	case BEHAVE_FAIL:
		schedule(world, index, WORK_US, world_row_cause(call->row));
		break;
	case BEHAVE_AT_LIMIT:
		schedule(world, index, call_limit_us(world, call), CAUSE_NONE);
		break;
	case BEHAVE_LATE:
		schedule(world, index, call_limit_us(world, call) + LATE_US, CAUSE_NONE);
		break;
	default:
		break;
	}
	return 0;
}

int world_start(void *context, uint64_t serial, struct step_result *refused)
{
	return call_row(context, serial, STEP_FORWARD, refused);
}

int world_undo(void *context, uint64_t serial, struct step_result *refused)
{
	return call_row(context, serial, STEP_BACK, refused);
}

/* An abort or kill reached the row: notes who sent it, and that it came when it should. */
static void touch(struct world *world, struct call *call, uint64_t serial)
{
	bool first = call->touched_us < 0;

	if (!world->in_call || call->serial != serial || call->done)
		world_complain(world, "row %zu was aborted or killed although it does not run", call->row);
	if (!first)
		return;
	call->touched_us = world->now_us;
	call->touched_by_cancel = world->calls_at_tick != world->call_count;
	if (call->touched_by_cancel && !(call->cancelled_during && call->phase == STEP_FORWARD))
		world_complain(world, "row %zu was aborted, but neither its limit nor a cancel had come", call->row);
	if (!call->touched_by_cancel && world->now_us != call->begun_us + call_limit_us(world, call))
		world_complain(world, "row %zu was aborted at %lld us of its limit", call->row,
			       (long long)(world->now_us - call->begun_us));
}

void world_abort(void *context, uint64_t serial)
{
	struct world *world = context;
	struct call *call = current(world);
	size_t index = world->call_count - 1;
	enum behaviour behaviour = behaviour_of(world, call);

	if (call->touched_us >= 0)
		world_complain(world, "row %zu was aborted twice", call->row);
	touch(world, call, serial);
	instant(world);
	if (behaviour == BEHAVE_HANG)
		schedule(world, index, WORK_US / 2, CAUSE_CANCELLED);
	else if (behaviour == BEHAVE_WIN)
		schedule(world, index, 0, CAUSE_NONE);
	else if (behaviour == BEHAVE_ABORT_FAIL)
		schedule(world, index, WORK_US / 2, world_row_cause(call->row));
	else if (behaviour == BEHAVE_HANG_SYNC)
		complete(world, index, CAUSE_CANCELLED);
}

void world_kill(void *context, uint64_t serial)
{
	struct world *world = context;
	struct call *call = current(world);
	size_t index = world->call_count - 1;
	bool aborted = call->touched_us >= 0;
	enum behaviour behaviour = behaviour_of(world, call);

	if (call->killed_us >= 0)
		world_complain(world, "row %zu was killed twice", call->row);
	touch(world, call, serial);
	if (aborted && world->now_us != call->touched_us + STEPS_GRACE_MS * MS)
		world_complain(world, "row %zu was killed %lld us after its abort", call->row,
			       (long long)(world->now_us - call->touched_us));
	call->killed_us = world->now_us;
	instant(world);
	if (behaviour == BEHAVE_KILL || (!aborted && behaviour != BEHAVE_NEVER && behaviour != BEHAVE_LATE))
		schedule(world, index, WORK_US / 2, CAUSE_CANCELLED);
	else if (behaviour == BEHAVE_KILL_SYNC)
		complete(world, index, CAUSE_CANCELLED);
}

/* The next completion, the earliest one; pending_count when there is none. */
static size_t next_pending(const struct world *world)
{
	size_t next = world->pending_count;

	for (size_t i = 0; i < world->pending_count; i++) {
		if (next == world->pending_count || world->pending[i].at_us < world->pending[next].at_us)
			next = i;
	}
	return next;
}

static void tick(struct world *world)
{
	world->calls_at_tick = world->call_count;
	steps_tick(&world->steps);
	world->calls_at_tick = 0;
}

/* Lets the next thing happen; false when nothing is left. */
static bool turn(struct world *world)
{
	size_t next = next_pending(world);
	bool has_done = next < world->pending_count;
	bool has_timer = world->timer_us >= 0;
	struct pending pending;

	if (!has_done && !has_timer)
		return false;
	if (has_timer && (!has_done || world->timer_us < world->pending[next].at_us ||
			  (world->timer_us == world->pending[next].at_us && world->scenario->timer_first))) {
		if (world->timer_us > world->now_us)
			world->now_us = world->timer_us;
		instant(world);
		if (world->timer_us < 0 || world->timer_us > world->now_us)
			return true;  /* the cancel moved it */
		world->timer_us = -1; /* fires once */
		if (world->engine_gone)
			world_complain(world, "a timer was left armed");
		else
			tick(world);
		return true;
	}
	pending = world->pending[next];
	world->pending[next] = world->pending[--world->pending_count];
	world->now_us = pending.at_us;
	instant(world);
	complete(world, pending.call, pending.cause);
	return true;
}

bool world_play(struct world *world, const struct scenario *scenario)
{
	const struct steps_ports ports = {
		.context = world,
		.now_us = port_now,
		.set_timer = port_set_timer,
		.begun = port_begun,
		.ended = port_ended,
		.all_done = port_all_done,
	};
	size_t turns = 0;

	world->scenario = scenario;
	world->now_us = 1000000;
	world->timer_us = -1;
	world->pending_count = world->call_count = world->instants = 0;
	world->in_call = world->cancelled = world->engine_gone = world->bad = false;
	world->calls_at_cancel = world->calls_at_tick = world->all_done = 0;
	world->stale = 0;

	steps_init(&world->steps, scenario->rows, scenario->row_count, world, &ports);
	if (steps_running(&world->steps))
		world_complain(world, "runs before it begins");
	instant(world);
	steps_begin(&world->steps);
	if (world->all_done)
		world_complain(world, "all_done from inside steps_begin");
	else if (!steps_running(&world->steps))
		world_complain(world, "does not run after it began");
	while (!world->bad && turn(world)) {
		if (++turns > TURNS_MAX)
			world_complain(world, "does not end");
	}
	instant(world); /* a cancel after the end */
	world_check(world);
	return !world->bad;
}
