/* SPDX-License-Identifier: Apache-2.0 */
/* Images on trial: what nobody has seen leave a board well gets few boards at once.
 *
 * Happy path: a run asks for an image that is new to its type -> its runs share a quota of image_trial_boards boards ->
 * one of them ends, and the next run on that board, of whatever image, gets as far as its flash -> the image is known
 * to leave boards well: durable, for this type and organisation, and its quota is gone.
 * A board takes a place of the quota while a run of the image is on it, while it is struck (images.c), and while it
 * holds the image, ended its run, and is neither free nor out of reach: what wants it next will tell.
 * Ways it goes otherwise: the rack of such a board is not heard of, or says nothing of a run for TRIAL_HEARING_US ->
 * the run takes no place until that is over, so no rack delays another one. Enough boards are struck -> the image is
 * held, its trial waits for a person. A person who knows better lets it go on (farm_release_image). Nothing else runs
 * on boards that hold it -> they are free, hold the image, and so are the first that its next runs get. The daemon
 * starts again -> what was known is known, and what was not is as far as it was: boards and strikes are stored. More
 * images are known than there is room for -> the one that has been known longest is tried again. Gangs and health
 * checks are not kept waiting. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"

static struct trial *trial_of(struct map_node *node)
{
	return map_container(node, struct trial, node);
}

static struct trial *of_quota(struct plan_quota *quota)
{
	return list_container(quota, struct trial, quota);
}

static struct trial *trial_find(const struct farm *farm, const char *org, const char *sha256, const char *type)
{
	struct map_node *node = map_first(&farm->trials, map_hash_text(sha256));

	for (; node; node = map_same(node)) {
		const struct tried_image_record *record = &trial_of(node)->record;

		if (strcmp(record->sha256, sha256) == 0 && strcmp(record->board_type, type) == 0 &&
		    strcmp(record->org, org) == 0)
			return trial_of(node);
	}
	return NULL;
}

static struct trial *trial_add(struct farm *farm, const char *org, const char *sha256, const char *type)
{
	struct trial *trial = mem_alloc(sizeof(*trial));

	mem_text_into(trial->record.org, sizeof(trial->record.org), org);
	mem_text_into(trial->record.sha256, sizeof(trial->record.sha256), sha256);
	mem_text_into(trial->record.board_type, sizeof(trial->record.board_type), type);
	list_init(&trial->boards);
	list_init(&trial->link);
	plan_quota_init(&trial->quota, farm->config.image_trial_boards);
	map_add(&farm->trials, &trial->node, map_hash_text(sha256));
	return trial;
}

static void trial_destroy(struct farm *farm, struct trial *trial)
{
	map_remove(&farm->trials, &trial->node);
	list_remove(&trial->link);
	free(trial);
}

static bool is_over(const struct trial *trial)
{
	return trial->record.known_at_us != 0;
}

/* Nothing asks for it and no board holds it: nothing is known of it that is worth keeping. */
static void drop_when_unused(struct farm *farm, struct trial *trial)
{
	if (!is_over(trial) && list_empty(&trial->quota.asks) && list_empty(&trial->boards))
		trial_destroy(farm, trial);
}

static void known(struct farm *farm, struct trial *trial)
{
	list_append(&farm->tried, &trial->link);
	if (farm->tried_count < TRIED_IMAGES_MAX) {
		farm->tried_count++;
		return;
	}
	trial = list_container(farm->tried.next, struct trial, link);
	if (farm->open) {
		struct tried_image_record *record = change_add(farm->open, RECORD_TRIED_IMAGE);

		*record = trial->record;
		record->forgotten = true;
	}
	trial_destroy(farm, trial);
}

/* --- places --- */

static void look(struct farm *farm, struct trial *trial)
{
	uint32_t struck = image_strikes(farm, trial->record.org, trial->record.sha256);
	uint32_t most = image_trial_places(farm->config.image_trial_boards, struck, trial->to_tell) + trial->excused;

	if (!is_over(trial) && most != trial->quota.most)
		plan_quota_set(farm->plan, &trial->quota, most, farm_now(farm));
}

static bool may_be_tried(const struct farm *farm, const char *sha256)
{
	return farm->config.image_trial_boards && farm->config.image_max_boards && sha256[0];
}

static struct trial *trial_get(struct farm *farm, const char *org, const char *sha256, const char *type)
{
	struct trial *trial = trial_find(farm, org, sha256, type);

	if (!trial) {
		trial = trial_add(farm, org, sha256, type);
		look(farm, trial);
	}
	return trial;
}

void tried_image_load(struct farm *farm, const struct tried_image_record *record)
{
	struct trial *trial = trial_add(farm, record->org, record->sha256, record->board_type);

	trial->record = *record;
	known(farm, trial);
}

/* What nobody has to tell of any more has ended its trial. */
void trial_load_board(struct farm *farm, struct board *board, const struct board_image_record *record)
{
	struct trial *trial;

	if (!may_be_tried(farm, record->sha256))
		return;
	trial = trial_get(farm, record->org, record->sha256, record->board_type);
	if (is_over(trial))
		return;
	board->trial = trial;
	list_append(&trial->boards, &board->trial_link);
}

void trials_clear(struct farm *farm)
{
	struct map_node *node;

	while ((node = map_next(&farm->trials, NULL)))
		trial_destroy(farm, trial_of(node));
	farm->tried_count = 0;
}

void trials_look(struct farm *farm, const char *org, const char *sha256)
{
	struct map_node *node = map_first(&farm->trials, map_hash_text(sha256));

	for (; node; node = map_same(node)) {
		struct trial *trial = trial_of(node);

		if (strcmp(trial->record.sha256, sha256) == 0 && strcmp(trial->record.org, org) == 0)
			look(farm, trial);
	}
}

struct trial *trial_of_run(const struct run *run)
{
	return run->plan.ask && run->plan.ask->quota ? of_quota(run->plan.ask->quota) : NULL;
}

static bool has_to_tell(const struct board *board)
{
	if (!board->trial || board->record.fell_out || (board->run && trial_of_run(board->run) == board->trial))
		return false;
	switch (board->record.state) {
	case BOARD_RUNNING:
	case BOARD_RECOVERING:
	case BOARD_SUSPECT:
		return true;
	case BOARD_QUARANTINED:
		return strcmp(board->record.held_by, "agent") == 0 || strcmp(board->record.held_by, FARM_ITSELF) == 0;
	default:
		return false;
	}
}

int64_t trial_due_us(const struct run *run)
{
	if (run->record.state != RUN_IS_ASSIGNED || run->excused || !trial_of_run(run))
		return NEVER_US;
	return run->plan.started_us + TRIAL_HEARING_US;
}

void trial_excuse(struct farm *farm, struct run *run, bool excused)
{
	struct trial *trial = trial_of_run(run);

	if (run->excused == excused)
		return;
	run->excused = excused;
	if (!trial)
		return;
	trial->excused = excused ? trial->excused + 1 : trial->excused - 1;
	look(farm, trial);
}

static bool is_unheard(const struct farm *farm, const struct run *run)
{
	if (!run->board->agent->record.online)
		return true;
	return run->record.state == RUN_IS_ASSIGNED && farm_now(farm) >= run->plan.started_us + TRIAL_HEARING_US;
}

void trial_look(struct farm *farm, struct board *board)
{
	bool has = has_to_tell(board);

	if (board->run && trial_of_run(board->run))
		trial_excuse(farm, board->run, is_unheard(farm, board->run));
	if (has == board->has_to_tell)
		return;
	board->has_to_tell = has;
	if (has)
		board->trial->to_tell++;
	else
		board->trial->to_tell--;
	look(farm, board->trial);
}

void trial_flashed(struct farm *farm, struct board *board, const struct run *run)
{
	struct trial *before = board->trial, *now = run ? trial_of_run(run) : NULL;

	if (before == now)
		return;
	if (before) {
		board->trial = NULL;
		list_remove(&board->trial_link);
		before->to_tell -= board->has_to_tell;
		board->has_to_tell = false;
		look(farm, before);
		drop_when_unused(farm, before);
	}
	board->trial = now;
	if (now)
		list_append(&now->boards, &board->trial_link);
}

/* --- how it begins and ends --- */

struct plan_quota *trial_quota(struct farm *farm, const struct run *run)
{
	const struct run_record *record = &run->record;
	struct trial *trial;

	if (run->job->hold || !may_be_tried(farm, record->image_sha256))
		return NULL;
	trial = trial_get(farm, record->org, record->image_sha256, record->board_type);
	return is_over(trial) ? NULL : &trial->quota;
}

void trial_ask_gone(struct farm *farm, struct plan_quota *quota)
{
	if (quota)
		drop_when_unused(farm, of_quota(quota));
}

static void end(struct farm *farm, struct trial *trial, int64_t run)
{
	trial->record.known_at_us = farm_unix(farm);
	trial->record.run = run;
	while (!list_empty(&trial->boards)) {
		struct board *board = list_container(trial->boards.next, struct board, trial_link);

		list_remove(&board->trial_link);
		board->trial = NULL;
		board->has_to_tell = false;
	}
	plan_quota_lift(farm->plan, &trial->quota, farm_now(farm));
	*(struct tried_image_record *)change_add(farm->open, RECORD_TRIED_IMAGE) = trial->record;
	known(farm, trial);
}

void trial_passed(struct farm *farm, struct board *board)
{
	if (!board->trial)
		return;
	log_debug(board->record.name, "image %.12s leaves boards well", board->flashed.sha256);
	end(farm, board->trial, board->record.flashed_run);
}

/* On any type. */
static struct trial *open_trial(const struct farm *farm, const char *org, const char *sha256)
{
	struct map_node *node = map_first(&farm->trials, map_hash_text(sha256));

	while (node && (is_over(trial_of(node)) || strcmp(trial_of(node)->record.sha256, sha256) != 0 ||
			strcmp(trial_of(node)->record.org, org) != 0))
		node = map_same(node);
	return node ? trial_of(node) : NULL;
}

void trials_release(struct farm *farm, const char *org, const char *sha256)
{
	struct tried_image_record key; /* what ends may be forgotten */
	struct trial *trial;

	mem_text_into(key.org, sizeof(key.org), org);
	mem_text_into(key.sha256, sizeof(key.sha256), sha256);
	while ((trial = open_trial(farm, key.org, key.sha256)))
		end(farm, trial, 0);
}

const char *trials_find(const struct farm *farm, const struct principal *who, const char *sha256, const char **ret_org)
{
	size_t len = strlen(sha256);
	const struct trial *found = NULL;

	for (struct map_node *node = map_next(&farm->trials, NULL); node && len >= 8;
	     node = map_next(&farm->trials, node)) {
		const struct trial *trial = trial_of(node);

		if (is_over(trial) || !principal_sees(who, trial->record.org) ||
		    strncmp(trial->record.sha256, sha256, len) != 0)
			continue;
		if (found && strcmp(found->record.sha256, trial->record.sha256) != 0)
			return NULL;
		if (!found || strcmp(trial->record.org, who->org) == 0)
			found = trial;
	}
	if (found)
		*ret_org = found->record.org;
	return found ? found->record.sha256 : NULL;
}
