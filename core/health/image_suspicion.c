/* SPDX-License-Identifier: Apache-2.0 */
/* The policy that tells an image that puts boards out of action from boards that fall out. */
#include "core/health/image_suspicion.h"

#include <string.h>

#include "core/base/mem.h"

bool cause_strikes(enum cause cause)
{
	switch (cause) {
	case CAUSE_CONSOLE_LOST:
	case CAUSE_POWER:
	case CAUSE_PROBE:
	case CAUSE_ATTACH:
	case CAUSE_IDENTITY:
	case CAUSE_FLASH:
	case CAUSE_VERIFY:
	case CAUSE_RESET:
	case CAUSE_BOARD_LOST:
	case CAUSE_STEP_LIMIT:
		return true;
	default:
		return false;
	}
}

static void take_back(struct image_suspicion *suspicion, const char *board)
{
	size_t at = 0;

	for (size_t i = 0; i < suspicion->count; i++) {
		if (strcmp(suspicion->strikes[i].board, board) == 0)
			at = i;
	}
	if (suspicion->count == 0)
		return;
	suspicion->count--;
	memmove(&suspicion->strikes[at], &suspicion->strikes[at + 1],
		(suspicion->count - at) * sizeof(suspicion->strikes[0]));
}

static void strike(struct image_suspicion *suspicion, const struct image_end *end)
{
	struct image_strike *entry = &suspicion->strikes[suspicion->count];

	for (size_t i = 0; i < suspicion->count; i++) {
		if (strcmp(suspicion->strikes[i].board, end->board) == 0)
			return;
	}
	if (suspicion->count == SUSPICION_MAX_BOARDS)
		return;
	mem_text_into(entry->board, sizeof(entry->board), end->board);
	entry->run = end->run;
	entry->cause = end->cause;
	suspicion->count++;
}

enum image_standing image_suspicion_note(struct image_suspicion *suspicion, uint32_t max_boards,
					 const struct image_end *end)
{
	if (suspicion->standing == IMAGE_HELD || max_boards == 0)
		return suspicion->standing;
	if (end->cause == CAUSE_NONE)
		take_back(suspicion, end->board);
	else if (cause_strikes(end->cause) && end->did_well)
		strike(suspicion, end);
	suspicion->standing = suspicion->count == 0            ? IMAGE_CLEAN
			      : suspicion->count >= max_boards ? IMAGE_HELD
							       : IMAGE_SUSPECT;
	return suspicion->standing;
}

uint32_t image_trial_places(uint32_t trial_boards, uint32_t struck, uint32_t to_tell)
{
	uint32_t places = struck < trial_boards ? trial_boards - struck : trial_boards > 0;

	return to_tell < places ? places - to_tell : 0;
}
