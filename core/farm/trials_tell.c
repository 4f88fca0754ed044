/* SPDX-License-Identifier: Apache-2.0 */
/* Trials of images, told to people. */
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_run.h"

#define TRIAL_NAMED 2 /* boards, of all that could tell */

/* " on mb1, mb2 and 1 more": boards that hold the image and have not told yet. */
static void name_boards(const struct trial *trial, char *ret_text, size_t size)
{
	size_t named = 0, count = 0;
	struct buf text;

	buf_init(&text, size);
	list_for_each (link, &trial->boards) {
		const struct board *board = list_container(link, const struct board, trial_link);

		if (!board->has_to_tell && !(board->run && trial_of_run(board->run) == trial))
			continue;
		if (count++ < TRIAL_NAMED)
			(void)buf_appendf(&text, "%s%s", named++ ? ", " : " on ", board->record.name);
	}
	if (count > named)
		(void)buf_appendf(&text, " and %zu more", count - named);
	mem_text_into(ret_text, size, buf_text(&text));
	buf_finish(&text);
}

void trial_describe(const struct farm *farm, const struct run *run, char *ret_text, size_t size)
{
	const struct trial *trial = trial_of_run(run);
	char boards[TRIAL_NAMED * FARM_NAME_MAX + 40];

	if (!trial) {
		mem_text_into(ret_text, size, plan_reason_text(PLAN_WHY_QUOTA));
		return;
	}
	name_boards(trial, boards, sizeof(boards));
	(void)snprintf(ret_text, size,
		       "waits for the trial of image %.12s%s: it is new to %s and has %u boards at once until one that "
		       "ran it takes a next run well; running it: %u, to be heard of: %u, out of action after it: %u%s",
		       trial->record.sha256, boards, trial->record.board_type, farm->config.image_trial_boards,
		       trial->quota.in_use, trial->to_tell,
		       image_strikes(farm, trial->record.org, trial->record.sha256),
		       trial->excused ? "; some racks are not heard of" : "");
}

static json_t *trial_json(const struct farm *farm, const struct trial *trial)
{
	json_t *object = json_object();
	json_int_t waiting = 0;

	list_for_each (link, &trial->quota.asks)
		waiting += list_container(link, const struct plan_ask, quota_link)->waiting;
	json_put(&object, "sha256", json_string(trial->record.sha256));
	json_put(&object, "org", json_string(trial->record.org));
	json_put(&object, "board_type", json_string(trial->record.board_type));
	json_put(&object, "boards", json_integer(farm->config.image_trial_boards));
	json_put(&object, "running", json_integer(trial->quota.in_use));
	json_put(&object, "to_tell", json_integer(trial->to_tell));
	json_put(&object, "struck", json_integer(image_strikes(farm, trial->record.org, trial->record.sha256)));
	json_put(&object, "waiting", json_integer(waiting));
	return object;
}

json_t *farm_trials_json(const struct farm *farm, const struct principal *who)
{
	json_t *array = json_array();

	for (struct map_node *node = map_next(&farm->trials, NULL); node; node = map_next(&farm->trials, node)) {
		const struct trial *trial = map_container(node, const struct trial, node);

		if (trial->record.known_at_us == 0 && principal_sees(who, trial->record.org))
			json_push(&array, trial_json(farm, trial));
	}
	return array;
}
