/* SPDX-License-Identifier: Apache-2.0 */
/* The oracle: from what the world saw of its rows, what the engine must have done and said. */
#include <stdio.h>

#include "tests/sim/world.h"

/* Whether a call came to its limit. It shows in the abort or kill, where the row has one; else in the time. */
static bool passed_limit(const struct world *world, const struct call *call)
{
	const struct step_row *row = &world->scenario->rows[call->row];
	int64_t limit_us = call->begun_us + call_limit_us(world, call);

	if (row->abort || row->kill)
		return call->touched_us >= 0 && !call->touched_by_cancel;
	return !call->done || call->done_us > limit_us || (call->done_us == limit_us && world->scenario->timer_first);
}

/* What the engine must say of a call, from what the row did and when it was touched. */
static enum cause expected_cause(const struct world *world, const struct call *call)
{
	const struct step_row *row = &world->scenario->rows[call->row];
	enum behaviour behaviour =
		call->phase == STEP_FORWARD ? world->scenario->forward[call->row] : world->scenario->back[call->row];

	if (call->refused)
		return behaviour == BEHAVE_REFUSE ? world_row_cause(call->row) : CAUSE_INTERNAL;
	if (passed_limit(world, call))
		return call->phase == STEP_FORWARD && row->limit_cause ? row->limit_cause : CAUSE_STEP_LIMIT;
	return call->done ? call->done_cause : CAUSE_CANCELLED;
}

static bool is_failure(enum cause cause)
{
	return cause_verdict(cause) != RUN_NONE && cause_verdict(cause) != RUN_PASSED;
}

static const struct call *forward_call(const struct world *world, size_t row)
{
	for (size_t i = 0; i < world->call_count; i++) {
		if (world->calls[i].row == row && world->calls[i].phase == STEP_FORWARD)
			return &world->calls[i];
	}
	return NULL;
}

static bool had_begun(const struct world *world, const char *name, size_t before)
{
	for (size_t i = 0; i < before; i++) {
		const struct call *call = forward_call(world, i);

		if (world->scenario->rows[i].name == name)
			return call && (!call->refused || world->scenario->rows[i].undo_refused);
	}
	return false;
}

/* Whether the cancel was there when it was this row's turn: before as many calls had ended. */
static bool cancelled_at_turn(const struct world *world, size_t forward_ended)
{
	return world->cancelled && world->calls_at_cancel <= forward_ended;
}

/* Walks the table as the contract says and holds the calls that were made against it. Gives the first failure. */
static void check_forward(struct world *world, enum cause *ret_first, size_t *ret_first_row, size_t *ret_calls)
{
	const struct scenario *scenario = world->scenario;
	enum cause first = CAUSE_NONE;
	size_t first_row = 0;
	size_t calls = 0;

	for (size_t row = 0; row < scenario->row_count; row++) {
		const struct step_row *table = &scenario->rows[row];
		const struct call *call = forward_call(world, row);
		bool cancelled = call ? call->cancelled_before : cancelled_at_turn(world, calls);
		bool wanted = !first && !cancelled;

		if (!wanted && table->always)
			wanted = !table->needs_row || had_begun(world, table->needs_row, row);
		else if (!wanted && !first) {
			first = CAUSE_CANCELLED;
			first_row = row;
		}
		if (wanted != (call != NULL))
			world_complain(world, "row %zu was %s", row, call ? "run, but should not" : "not run");
		if (!call)
			continue;
		if (call != &world->calls[calls])
			world_complain(world, "row %zu ran out of order", row);
		calls++;
		if (!first && is_failure(expected_cause(world, call))) {
			first = expected_cause(world, call);
			first_row = row;
		}
	}
	*ret_first = first;
	*ret_first_row = first_row;
	*ret_calls = calls;
}

/* Whatever began and has an undo is undone, last first, and nothing else. */
static void check_back(struct world *world, size_t forward_calls)
{
	size_t next = forward_calls;

	for (size_t i = forward_calls; i > 0; i--) {
		const struct call *call = &world->calls[i - 1];
		const struct step_row *row = &world->scenario->rows[call->row];

		if (!row->undo || (call->refused && !row->undo_refused))
			continue;
		if (next >= world->call_count || world->calls[next].row != call->row ||
		    world->calls[next].phase != STEP_BACK) {
			world_complain(world, "row %zu was not undone in its turn", call->row);
			return;
		}
		next++;
	}
	if (next != world->call_count)
		world_complain(world, "row %zu was undone, but should not", world->calls[next].row);
}

static void check_calls(struct world *world, bool *ret_teardown_failed, bool *ret_lost)
{
	for (size_t i = 0; i < world->call_count; i++) {
		const struct call *call = &world->calls[i];
		enum cause expected = expected_cause(world, call);

		if (!call->ended || !call->called)
			world_complain(world, "row %zu was %s", call->row,
				       call->called ? "never told as ended" : "never called");
		if (call->told_cause != expected)
			world_complain(world, "row %zu ended as %s, should be %s", call->row,
				       cause_name(call->told_cause), cause_name(expected));
		if (call->cancelled_during && call->phase == STEP_FORWARD && !call->refused && call->touched_us < 0 &&
		    world->scenario->rows[call->row].abort)
			world_complain(world, "the cancel did not reach row %zu", call->row);
		if (call->phase == STEP_BACK && is_failure(expected))
			*ret_teardown_failed = true;
		if (!call->refused && !call->done)
			*ret_lost = true;
	}
}

/* Row 0 is the power: it was switched off, or the outcome says that this is not sure. */
static void check_power(struct world *world)
{
	const struct call *on = forward_call(world, 0);
	const struct step_row *row = &world->scenario->rows[0];

	if (!on || !row->undo || (on->refused && !row->undo_refused))
		return;
	for (size_t i = 0; i < world->call_count; i++) {
		const struct call *call = &world->calls[i];

		if (call->row == 0 && call->phase == STEP_BACK) {
			if (is_failure(call->told_cause) && !world->outcome.teardown_failed)
				world_complain(world, "the power may be on, and nobody says so");
			return;
		}
	}
	world_complain(world, "the power was left on");
}

void world_check(struct world *world)
{
	enum cause first = CAUSE_NONE;
	bool teardown_failed = false;
	bool lost = false;
	size_t first_row = 0;
	size_t forward_calls = 0;

	if (world->all_done != 1)
		world_complain(world, "all_done came %zu times", world->all_done);
	if (world->timer_us >= 0)
		world_complain(world, "a timer was left armed");
	check_calls(world, &teardown_failed, &lost);
	check_forward(world, &first, &first_row, &forward_calls);
	check_back(world, forward_calls);
	check_power(world);
	if (world->outcome.first.cause != first)
		world_complain(world, "the outcome is %s, should be %s", cause_name(world->outcome.first.cause),
			       cause_name(first));
	else if (first && world->outcome.first_row != first_row)
		world_complain(world, "the failing row is %zu, should be %zu", world->outcome.first_row, first_row);
	if (world->outcome.teardown_failed != teardown_failed)
		world_complain(world, "teardown_failed is %d", world->outcome.teardown_failed);
	if (world->outcome.lost != lost)
		world_complain(world, "lost is %d", world->outcome.lost);
	if (!world->engine_gone && steps_outcome(&world->steps)->stale != world->stale)
		world_complain(world, "%u stale completions counted of %u", steps_outcome(&world->steps)->stale,
			       world->stale);
	if (!world->engine_gone && steps_running(&world->steps))
		world_complain(world, "still runs after the end");
}
