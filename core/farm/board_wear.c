/* SPDX-License-Identifier: Apache-2.0 */
/* The wear of boards' flash: counted as their agents tell it, kept, told once; and worn boards are spared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"

static uint32_t endurance_of(const struct board *board)
{
	const struct pool *pool = pool_of(board);

	return pool->has_type ? pool->type.flash_endurance : 0;
}

static void keep(struct farm *farm, const struct board *board)
{
	struct wear_record *record = change_add(farm->open, RECORD_WEAR);

	mem_text_into(record->board, sizeof(record->board), board->record.name);
	mem_text_into(record->org, sizeof(record->org), board->record.org);
	mem_text_into(record->unique_id, sizeof(record->unique_id), board->wear_of);
	record->sectors = wear_to_text(&board->wear);
	record->erases = board->wear.erases;
	record->worst = board->wear.worst;
	record->worst_address = board->wear.worst_address;
	record->worn = board->worn_told;
	record->changed_at_us = farm_unix(farm);
	farm->open->size_bytes += strlen(record->sectors);
}

/* Another chip under the board's name begins anew. */
static void look_at_chip(struct board *board)
{
	const char *now = board->record.unique_id;

	if (!now[0] || strcmp(board->wear_of, now) == 0)
		return;
	if (board->wear_of[0]) {
		log_info(board->record.name, "another chip than %s: its flash's ledger begins anew", board->wear_of);
		wear_clear(&board->wear);
		board->worn_told = false;
	}
	mem_text_into(board->wear_of, sizeof(board->wear_of), now);
}

static bool judge(struct farm *farm, struct board *board)
{
	uint32_t endurance = endurance_of(board);
	bool worn = wear_is_near(&board->wear, endurance);

	board->worn[0] = '\0';
	if (worn)
		(void)snprintf(
			board->worn, sizeof(board->worn),
			"its flash is worn: a sector has passed %d %% of %lu erases; used when there is no other",
			WEAR_MAX_PERCENT, (unsigned long)endurance);
	plan_board_set_wear(farm->plan, &board->plan, board->wear.worst, worn, false);
	return worn;
}

void board_wear_load(struct farm *farm, struct board *board, const struct wear_record *record)
{
	struct err err = {0};

	if (wear_from_text(record->sectors, record->erases, &board->wear, &err))
		log_error(board->record.name, "its flash's ledger is lost: %s", err.text);
	mem_text_into(board->wear_of, sizeof(board->wear_of), record->unique_id);
	board->worn_told = record->worn;
	(void)judge(farm, board);
}

void board_wear_look(struct farm *farm, struct board *board)
{
	bool told = board->worn_told;

	look_at_chip(board);
	if (judge(farm, board) && !board->worn_told) {
		board->worn_told = true;
		event_worn(farm, board, endurance_of(board));
	}
	if (board->worn_told != told)
		keep(farm, board);
}

void board_flashed(struct farm *farm, struct board *board, const struct flashed *flashed)
{
	bool told;

	look_at_chip(board);
	told = board->worn_told;
	wear_add(&board->wear, flashed);
	board_wear_look(farm, board);
	if (flashed->erased_count && board->worn_told == told)
		keep(farm, board);
}

json_t *farm_board_wear_json(const struct farm *farm, const struct principal *who, const char *name)
{
	const struct board *board = board_find(farm, name);
	json_t *object, *list;

	if (!board || !principal_sees_shared(who, board->record.org))
		return NULL;
	object = json_pack("{s:s, s:I, s:I, s:b}", "board", name, "endurance", (json_int_t)endurance_of(board),
			   "erases", (json_int_t)board->wear.erases, "worn", board->worn[0] != '\0');
	list = json_array();
	for (size_t i = 0; i < board->wear.sectors_count; i++) {
		const struct wear_sectors *run = &board->wear.sectors[i];

		json_push(&list, json_pack("{s:I, s:I, s:I, s:I}", "address", (json_int_t)run->address, "size",
					   (json_int_t)run->size_bytes, "count", (json_int_t)run->count, "erases",
					   (json_int_t)run->erases));
	}
	json_put(&object, "worst",
		 json_pack("{s:I, s:I}", "address", (json_int_t)board->wear.worst_address, "erases",
			   (json_int_t)board->wear.worst));
	json_put(&object, "sectors", list);
	return object;
}
