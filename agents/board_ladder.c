/* SPDX-License-Identifier: Apache-2.0 */
/* A board climbs the recovery ladder (core/health/ladder.h), one rung a walk of its bench.
 *
 * Happy path: board_recover -> recovering -> from the loop, the rung that fits -> its proof holds -> idle.
 * Ways it fails: the proof fails -> the next rung, from the loop; none is left -> the power is taken away -> looked for
 * (board_absent.c) when nothing answered, quarantined when something answered wrongly. A rung that cannot be begun, or
 * never comes back -> quarantined. board_stop -> broken off where it is. Each rung is told as it ends; a look that
 * finds nothing wrong, when nothing was known to be, is not worth telling. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/clock.h"
#include "agents/board_private.h"
#include "core/base/log.h"

static void tell(struct board *board)
{
	const struct board_account *account = board->account;

	if (account->cause == CAUSE_NONE && account->ladder.count == 0)
		return;
	board->events.on_recovery(board->events.context, board);
}

static void end_account(struct board *board)
{
	struct board_account *account = board->account;

	if (!account || account->ended_at_us)
		return;
	account->ended_at_us = clock_rack_us();
	if (account->cause != CAUSE_NONE || account->ladder.end != LADDER_HELPED || account->ladder.count > 1) {
		tell(board);
		return;
	}
	free(account);
	board->account = NULL;
}

static void give_up(struct board *board, const char *reason)
{
	if (board->account)
		ladder_stop(&board->account->ladder);
	end_account(board);
	board_quarantine(board, reason);
}

static void begin_rung(struct board *board, enum recovery_rung rung)
{
	struct err err = {0};

	board->walk = WALK_RUNG;
	board->rung_begun_us = clock_monotonic_us();
	if (board->kind->recover(board->bench, rung, &err) == 0)
		return;
	board->walk = WALK_NONE;
	give_up(board, err.text);
}

/* None helped: the board is left without power. */
static void begin_rest(struct board *board)
{
	board->walk = WALK_REST;
	if (board->kind->power_off(board->bench, NULL) == 0)
		return;
	board->walk = WALK_NONE;
	board_ladder_rested(board);
}

static void on_timer(uv_timer_t *timer)
{
	struct board *board = timer->data;
	enum recovery_rung rung;

	if (board->walk != WALK_NONE || board->stopping || !board->account)
		return;
	if (ladder_next(&board->account->ladder, &rung))
		begin_rung(board, rung);
	else
		begin_rest(board);
}

void board_recover(struct board *board, enum cause cause, const char *reason)
{
	struct board_account *account = calloc(1, sizeof *account);
	struct ladder_means means;
	int64_t before_us = board->account ? board->account->begun_at_us : 0;

	free(board->account);
	board->account = account;
	board->absent = false;
	board_set_state(board, WIRE_BOARD_RECOVERING, reason);
	if (!account) {
		board_quarantine(board, "out of memory");
		return;
	}
	account->begun_at_us = clock_rack_us() > before_us ? clock_rack_us() : before_us + 1;
	account->cause = cause;
	snprintf(account->text, sizeof account->text, "%s", reason);
	board->kind->means(board->bench, &means);
	ladder_init(&account->ladder, &means, cause);
	tell(board);
	/* From the loop: the walk before it is still on the stack. */
	uv_timer_start(&board->timer, on_timer, 0, 0);
}

void board_ladder_rested(struct board *board)
{
	const struct ladder *ladder = &board->account->ladder;
	const struct ladder_try *last = ladder_last_failed(ladder);
	char reason[sizeof board->reason];

	snprintf(reason, sizeof reason, "no rung of the recovery ladder helped; the last, %s: %s: %.190s",
		 last ? recovery_rung_name(last->rung) : "none", last ? cause_name(last->cause) : "none",
		 last ? last->text : "");
	end_account(board);
	if (board->take_up) { /* asked for while it was put to rest */
		board->take_up = false;
		board_recover(board, CAUSE_NONE, reason);
		return;
	}
	if (!ladder_met_silence(ladder)) {
		board_quarantine(board, reason);
		return;
	}
	snprintf(reason, sizeof reason, "%s: %.200s", cause_name(last->cause), last->text);
	board_look_for(board, reason);
}

bool board_climbs(const struct board *board)
{
	return board->account && !board->account->ended_at_us;
}

static void on_helped(struct board *board)
{
	const struct ladder_try *entry = &board->account->ladder.tries[board->account->ladder.count - 1];

	if (entry->rung != RUNG_LOOK)
		log_info(board->config->name, "recovered by %s in %.1f ms: %s", recovery_rung_name(entry->rung),
			 (double)entry->took_us / 1000, entry->text);
	snprintf(board->unique_id, sizeof board->unique_id, "%s", board->kind->unique_id(board->bench));
	end_account(board);
	board_set_state(board, WIRE_BOARD_IDLE, "");
}

void board_ladder_ended(struct board *board, const struct bench_outcome *outcome)
{
	struct ladder *ladder = &board->account->ladder;
	int64_t took_us = clock_monotonic_us() - board->rung_begun_us;
	enum cause cause = outcome->cause;

	if (outcome->lost) {
		give_up(board, outcome->text);
		return;
	}
	if (cause == CAUSE_NONE && outcome->teardown_failed)
		cause = CAUSE_POWER; /* the only undo of a rung that matters */
	ladder_tell(ladder, cause, outcome->text, took_us);
	if (ladder->end == LADDER_HELPED) {
		on_helped(board);
		return;
	}
	log_warn(board->config->name, "%s: %s: %s", recovery_rung_name(ladder->tries[ladder->count - 1].rung),
		 cause_name(cause), outcome->text);
	tell(board);
	uv_timer_start(&board->timer, on_timer, 0, 0);
}

void board_ladder_stop(struct board *board)
{
	if (!board->account || board->account->ended_at_us)
		return;
	ladder_stop(&board->account->ladder);
	end_account(board);
}

bool board_recovery(const struct board *board, struct wire_recovery *ret_recovery)
{
	const struct board_account *account = board->account;

	if (!account || (account->cause == CAUSE_NONE && account->ladder.count == 0))
		return false;
	*ret_recovery = (struct wire_recovery){.board = board->config->name,
					       .begun_at_us = account->begun_at_us,
					       .ended_at_us = account->ended_at_us,
					       .cause = account->cause,
					       .text = account->text,
					       .end = account->ended_at_us ? account->ladder.end : LADDER_CLIMBING,
					       .tries = account->ladder.tries,
					       .count = account->ladder.count};
	return true;
}
