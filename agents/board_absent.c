/* SPDX-License-Identifier: Apache-2.0 */
/* A board where nothing answers is absent: unplugged, switched off, or somewhere else. It is looked for until it
 * answers, and needs nobody's word to come back.
 *
 * Happy path: no rung helped -> absent, which the farm calls offline -> after a while a look, nothing but the proof of
 * contact and identity -> it holds -> idle; the farm checks its health before anything else runs on it.
 * Ways it goes otherwise: the proof fails -> its power is taken away, and the next look comes later, up to
 * LOOK_MAX_MS. The look cannot be begun, or never comes back -> quarantined. The farm wants it taken up -> the whole
 * ladder, then absent again. It took a run with it too often in a row, and came back in between -> quarantined: its
 * cable is loose.
 */
#include <stdio.h>
#include <string.h>

#include "agents/board_private.h"
#include "core/base/log.h"

#define LOOK_FIRST_MS 2000
#define LOOK_MAX_MS   60000

static void on_time(uv_timer_t *timer)
{
	struct board *board = timer->data;
	struct err err = {0};

	if (!board->absent || board->walk != WALK_NONE || board->stopping)
		return;
	board->walk = WALK_LOOK;
	if (board->kind->recover(board->bench, RUNG_LOOK, &err) == 0)
		return;
	board->walk = WALK_NONE;
	board->absent = false;
	board_quarantine(board, err.text);
}

static void look_later(struct board *board)
{
	uv_timer_start(&board->timer, on_time, (uint64_t)board->look_ms, 0);
	board->look_ms = board->look_ms * 2 < LOOK_MAX_MS ? board->look_ms * 2 : LOOK_MAX_MS;
}

void board_look_for(struct board *board, const char *reason)
{
	char text[sizeof board->reason];

	board->run_failures += board->lost_run;
	board->lost_run = false;
	if (board->run_failures >= BOARD_MAX_FAILURES) {
		board_quarantine(board, reason);
		return;
	}
	board->absent = true;
	board->look_ms = LOOK_FIRST_MS;
	snprintf(text, sizeof text, "nothing answers, it is looked for: %.250s", reason);
	log_warn(board->config->name, "%s", text);
	board_set_state(board, WIRE_BOARD_RECOVERING, text);
	look_later(board);
}

void board_looked(struct board *board, const struct bench_outcome *outcome)
{
	bool take_up = board->take_up;

	board->take_up = false;
	if (outcome->lost) {
		board->absent = false;
		board_quarantine(board, outcome->text);
	} else if (outcome->cause == CAUSE_NONE && !outcome->teardown_failed) {
		board->absent = false;
		snprintf(board->unique_id, sizeof board->unique_id, "%s", board->kind->unique_id(board->bench));
		log_info(board->config->name, "found");
		board_set_state(board, WIRE_BOARD_IDLE, "");
	} else if (take_up) {
		board_recover(board, CAUSE_NONE, outcome->text);
	} else {
		log_debug(board->config->name, "not found: %s: %s", cause_name(outcome->cause), outcome->text);
		look_later(board);
	}
}
