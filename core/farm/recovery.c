/* SPDX-License-Identifier: Apache-2.0 */
/* How boards were helped, as their agents tell it: kept, and each news of it an event. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_rack.h"

/* The rung that helped; NULL: none did. */
static const struct ladder_try *helper_of(const struct agent_recovery *said)
{
	const struct ladder_try *last = said->count ? &said->tries[said->count - 1] : NULL;

	return last && last->result == RUNG_IS_HELPED ? last : NULL;
}

static void keep(struct farm *farm, const struct board *board, const struct agent_recovery *said)
{
	struct recovery_record *record = change_add(farm->open, RECORD_RECOVERY);
	const struct ladder_try *helper = helper_of(said);

	mem_text_into(record->board, sizeof(record->board), board->record.name);
	mem_text_into(record->org, sizeof(record->org), board->record.org);
	mem_text_into(record->agent, sizeof(record->agent), board->record.agent);
	mem_text_into(record->board_type, sizeof(record->board_type), board->record.type);
	mem_text_into(record->text, sizeof(record->text), said->text);
	record->begun_at_us = said->begun_at_us;
	record->ended_at_us = said->ended_at_us;
	record->cause = said->cause;
	record->end = said->end;
	record->helped = helper != NULL;
	record->helped_by = helper ? helper->rung : RUNG_LOOK;
	if (said->count == 0)
		return;
	record->tries = mem_copy(said->tries, said->count * sizeof(*said->tries));
	record->count = said->count;
	farm->open->size_bytes += said->count * sizeof(*said->tries);
}

/* What is new since it was told last. Rungs that do not reach what is wrong are no news. */
static void tell(struct farm *farm, const struct board *board, const struct agent_recovery *said, bool is_new)
{
	if (is_new)
		event_recovery_begun(farm, board, said);
	for (size_t i = is_new ? 0 : board->record.recovery_rungs; i < said->count; i++) {
		if (said->tries[i].result != RUNG_IS_UNFIT)
			event_recovery_rung(farm, board, said, &said->tries[i]);
	}
	if (said->end != LADDER_CLIMBING)
		event_recovery_ended(farm, board, said, helper_of(said));
}

int farm_agent_recovery(struct farm *farm, const char *name, const struct agent_recovery *said, struct err *err)
{
	struct agent *agent = agent_find(farm, name);
	struct board *board = board_find(farm, said->board);
	struct board_record *record = board ? &board->record : NULL;
	bool is_new;

	if (!agent || !agent->record.online || !board || board->agent != agent || !board->listed)
		return err_set(err, ERR_PROTOCOL, "board %s is not one of agent %s's hello", said->board, name);
	is_new = said->begun_at_us > record->recovery_begun_at_us;
	/* Told again, over a new connection. */
	if (said->begun_at_us < record->recovery_begun_at_us ||
	    (!is_new &&
	     (record->recovery_ended || (said->count <= record->recovery_rungs && said->end == LADDER_CLIMBING))))
		return 0;
	farm_enter(farm);
	tell(farm, board, said, is_new);
	keep(farm, board, said);
	record->recovery_begun_at_us = said->begun_at_us;
	record->recovery_rungs = said->count;
	record->recovery_ended = said->end != LADDER_CLIMBING;
	farm_leave(farm);
	return 0;
}
