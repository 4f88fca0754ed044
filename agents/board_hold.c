/* SPDX-License-Identifier: Apache-2.0 */
/* A board that is held for a person. */
#include <inttypes.h>
#include <stdio.h>

#include "agents/board_private.h"

/* A lease's run is under way, whether it is held already or not. */
static bool leased(const struct board *board)
{
	return board->run && board->hold_ms > 0;
}

bool board_holding(const struct board *board)
{
	return leased(board) && board->kind->holding(board->bench);
}

void board_hold_for(struct board *board, int64_t hold_ms)
{
	if (leased(board))
		board->kind->hold_for(board->bench, hold_ms);
}

uint16_t board_gdb_port(const struct board *board)
{
	return board_holding(board) && board->kind->gdb_port ? board->kind->gdb_port(board->bench) : 0;
}

size_t board_write_console(struct board *board, const uint8_t *data, size_t size_bytes)
{
	return board_holding(board) ? board->kind->write_console(board->bench, data, size_bytes) : 0;
}

static void on_away(uv_timer_t *timer)
{
	struct board *board = timer->data;
	char why[80];

	if (!leased(board))
		return;
	snprintf(why, sizeof why, "the farm was away for %" PRId64 " s", board->away_ms / 1000);
	if (board->kind->holding(board->bench))
		board->kind->end_hold(board->bench, why);
	else
		board->kind->cancel(board->bench);
}

void board_farm_gone(struct board *board)
{
	if (leased(board) && !uv_is_active((uv_handle_t *)&board->away))
		uv_timer_start(&board->away, on_away, (uint64_t)board->away_ms, 0);
}

void board_farm_back(struct board *board)
{
	uv_timer_stop(&board->away);
}

void board_hold_ended(struct board *board, const char *why)
{
	uv_timer_stop(&board->away);
	if (board->events.on_hold_over)
		board->events.on_hold_over(board->events.context, board, why);
}
