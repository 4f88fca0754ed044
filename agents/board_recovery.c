/* SPDX-License-Identifier: Apache-2.0 */
/* What the end of a walk means for a board: idle, helped by the recovery ladder, or quarantined. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "agents/board_private.h"
#include "core/base/log.h"

/* Which states may follow which. */
#define MAY(state) (1u << WIRE_BOARD_##state)
static const unsigned may_follow[] = {
	[WIRE_BOARD_IDLE] = MAY(RUNNING) | MAY(RECOVERING) | MAY(QUARANTINED),
	[WIRE_BOARD_RUNNING] = MAY(IDLE) | MAY(RECOVERING) | MAY(QUARANTINED),
	[WIRE_BOARD_RECOVERING] = MAY(IDLE) | MAY(RECOVERING) | MAY(QUARANTINED),
	[WIRE_BOARD_QUARANTINED] = MAY(RECOVERING), /* when the farm says so */
};

void board_set_state(struct board *board, enum wire_board_state state, const char *reason)
{
	assert(may_follow[board->state] & 1u << state);
	if (board->state != state)
		log_info(board->config->name, "%s -> %s%s%s", wire_board_state_name(board->state),
			 wire_board_state_name(state), reason[0] ? ": " : "", reason);
	board->state = state;
	snprintf(board->reason, sizeof board->reason, "%s", reason);
	board->events.on_changed(board->events.context, board);
}

void board_quarantine(struct board *board, const char *reason)
{
	log_error(board->config->name, "quarantined: %s", reason);
	board_set_state(board, WIRE_BOARD_QUARANTINED, reason);
}

void board_take_up(struct board *board, const char *reason)
{
	if (board->stopping)
		return;
	board->run_failures = 0;
	board->lost_run = false;
	board->take_up = board->walk == WALK_RUN || board->walk == WALK_REST || board->walk == WALK_LOOK;
	if (board->walk == WALK_NONE && !board_climbs(board))
		board_recover(board, CAUSE_NONE, reason);
	else if (board->walk != WALK_RUN)
		board_set_state(board, WIRE_BOARD_RECOVERING, reason);
}

static void tell_stopped(struct board *board)
{
	if (board->stopped)
		return;
	board->stopped = true;
	board->events.on_stopped(board->events.context, board);
}

static void begin_last(struct board *board)
{
	board->walk = WALK_LAST;
	if (board->kind->power_off(board->bench, NULL) == 0)
		return;
	board->walk = WALK_NONE;
	tell_stopped(board);
}

void board_on_stop_timer(uv_timer_t *timer)
{
	begin_last(timer->data);
}

/* Failures that say something about the board or its cables, not about the farm, the image or a killed process. */
static bool counts_against_board(enum cause cause)
{
	switch (cause) {
	case CAUSE_POWER:
	case CAUSE_ATTACH:
	case CAUSE_IDENTITY:
	case CAUSE_FLASH:
	case CAUSE_VERIFY:
	case CAUSE_RESET:
	case CAUSE_STEP_LIMIT:
	case CAUSE_CONSOLE_LOST:
		return true;
	default:
		return false;
	}
}

static bool needs_recovery(enum cause cause)
{
	return cause_verdict(cause) == RUN_INFRASTRUCTURE && cause != CAUSE_IMAGE_UNAVAILABLE &&
	       cause != CAUSE_INTERNAL && cause != CAUSE_WRONG_IMAGE;
}

/* What the run's end means for the board. Told to the farm before the run's end, so that it plans nothing on a board
 * that is not ready. */
static void settle_after_run(struct board *board, const struct bench_outcome *outcome)
{
	char reason[sizeof board->reason];

	if (counts_against_board(outcome->cause))
		board->run_failures++;
	else if (cause_verdict(outcome->cause) != RUN_INFRASTRUCTURE && outcome->cause != CAUSE_CANCELLED)
		board->run_failures = 0;
	board->lost_run = !counts_against_board(outcome->cause) && needs_recovery(outcome->cause);
	snprintf(reason, sizeof reason, "%s: %.250s", cause_name(outcome->cause), outcome->text);
	if (outcome->lost)
		board_quarantine(board, outcome->text);
	else if (board->run_failures >= BOARD_MAX_FAILURES)
		board_quarantine(board, reason);
	else if (board->take_up || needs_recovery(outcome->cause))
		board_recover(board, needs_recovery(outcome->cause) ? outcome->cause : CAUSE_NONE, reason);
	else if (outcome->teardown_failed)
		board_recover(board, CAUSE_INTERNAL, "the last run could not be undone in full");
	else if (board->hold_ms > 0)
		board_recover(board, CAUSE_NONE, "a person had the board");
	else
		board_set_state(board, WIRE_BOARD_IDLE, "");
	board->take_up = false;
}

static void after_run(struct board *board, struct bench_outcome *outcome)
{
	struct run *run = board->run;
	struct spool_run *spooled = run_spool(run);

	if (board->stopping && (outcome->cause == CAUSE_CANCELLED || outcome->cause == CAUSE_LEASE_ENDED)) {
		outcome->cause = CAUSE_AGENT_RESTARTED;
		outcome->text = "the agent was stopped while the run was under way";
	}
	settle_after_run(board, outcome);
	if (board->yields && outcome->cause == CAUSE_CANCELLED) {
		outcome->cause = CAUSE_PREEMPTED;
		outcome->text = "pre-empted: its board was needed for a job of a higher band";
	}
	run_ended(run, outcome);
	board->run = NULL;
	board->hold_ms = 0;
	uv_timer_stop(&board->away);
	run_destroy(run);
	if (board->drop) {
		spool_delete(spooled);
		spooled = NULL;
	}
	board->drop = false;
	board->events.on_run_over(board->events.context, board, spooled);
}

static void after_power_off(struct board *board, const struct bench_outcome *outcome)
{
	if (outcome->cause != CAUSE_NONE)
		log_warn(board->config->name, "cannot be switched off: %s", outcome->text);
	board->started = true;
	board->events.on_started(board->events.context, board);
	if (!board->stopping)
		board_recover(board, CAUSE_NONE, "starting");
}

void board_on_ended(void *context, const struct bench_outcome *ended)
{
	struct board *board = context;
	struct bench_outcome outcome = *ended;
	enum walk walk = board->walk;

	board->walk = WALK_NONE;
	switch (walk) {
	case WALK_POWER_OFF:
		after_power_off(board, &outcome);
		break;
	case WALK_RUNG:
		if (!board->stopping)
			board_ladder_ended(board, &outcome);
		break;
	case WALK_REST:
		if (!board->stopping)
			board_ladder_rested(board);
		break;
	case WALK_LOOK:
		if (!board->stopping)
			board_looked(board, &outcome);
		break;
	case WALK_RUN:
		after_run(board, &outcome);
		break;
	case WALK_LAST:
		tell_stopped(board);
		return;
	case WALK_NONE:
		break;
	}
	if (board->stopping)
		uv_timer_start(&board->timer, board_on_stop_timer, 0, 0);
}
