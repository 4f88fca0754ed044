/* SPDX-License-Identifier: Apache-2.0 */
/* Images that put boards out of action: no bad commit takes a fleet with it.
 *
 * Happy path: a run flashes its image -> the image before it has done well. A run cannot work with its board -> a
 * strike against what is in the board's flash. Enough different boards struck -> the image is held: durable and told
 * with its evidence, its runs that wait get no board, it is refused at submit, what it is tried on is not tried again.
 * The boards it struck are taken up anew and none of it counts against them: what their agents gave up because of it is
 * let in again, once. A person releases it.
 * Ways it goes otherwise: the daemon starts again -> what is held, struck and flashed is as it was: of an open run its
 * stored steps tell that it reached the flash, and with the end of a run its board is kept. More images are looked at
 * than there is room for -> the one that was struck longest ago is forgotten, unless it is held.
 * Runs of it that have boards when it is held go on: they are as good as lost, and their boards are forgiven too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"

#define IMAGES_SUSPECT_MAX 64

static struct image_entry *entry_of(struct map_node *node)
{
	return map_container(node, struct image_entry, node);
}

static struct image_entry *image_entry_find(const struct farm *farm, const char *org, const char *sha256)
{
	struct map_node *node = map_first(&farm->images, map_hash_text(sha256));

	while (node &&
	       (strcmp(entry_of(node)->record.sha256, sha256) != 0 || strcmp(entry_of(node)->record.org, org) != 0))
		node = map_same(node);
	return node ? entry_of(node) : NULL;
}

static void image_entry_destroy(struct farm *farm, struct image_entry *entry)
{
	farm->images_suspect -= !list_empty(&entry->link);
	map_remove(&farm->images, &entry->node);
	list_remove(&entry->link);
	free(entry);
}

static struct image_entry *image_entry_add(struct farm *farm, const char *org, const char *sha256)
{
	struct image_entry *entry = mem_alloc(sizeof(*entry));

	mem_text_into(entry->record.org, sizeof(entry->record.org), org);
	mem_text_into(entry->record.sha256, sizeof(entry->record.sha256), sha256);
	list_init(&entry->link);
	map_add(&farm->images, &entry->node, map_hash_text(sha256));
	return entry;
}

static void keep(struct farm *farm, const struct image_entry *entry, bool released)
{
	struct held_image_record *record = change_add(farm->open, RECORD_HELD_IMAGE);

	*record = entry->record;
	record->released = released;
}

/* Struck, and not held: the last in the list. */
static void suspect(struct farm *farm, struct image_entry *entry)
{
	farm->images_suspect += list_empty(&entry->link);
	list_remove(&entry->link);
	list_append(&farm->suspects, &entry->link);
	if (farm->images_suspect <= IMAGES_SUSPECT_MAX)
		return;
	entry = list_container(farm->suspects.next, struct image_entry, link);
	keep(farm, entry, true);
	image_entry_destroy(farm, entry);
}

static void read_evidence(struct image_entry *entry)
{
	struct image_suspicion *suspicion = &entry->suspicion;
	json_t *array = json_loads(entry->record.evidence, 0, NULL), *object;
	size_t i;

	json_array_foreach(array, i, object)
	{
		const char *board = json_string_value(json_object_get(object, "board"));
		const char *cause = json_string_value(json_object_get(object, "cause"));
		struct image_strike *strike = &suspicion->strikes[suspicion->count];

		if (!board || !cause || suspicion->count == SUSPICION_MAX_BOARDS || !cause_parse(cause, &strike->cause))
			continue;
		mem_text_into(strike->board, sizeof(strike->board), board);
		strike->run = json_integer_value(json_object_get(object, "run"));
		suspicion->count++;
	}
	json_decref(array);
}

void held_image_load(struct farm *farm, const struct held_image_record *record)
{
	struct image_entry *entry = image_entry_add(farm, record->org, record->sha256);

	entry->record = *record;
	read_evidence(entry);
	entry->suspicion.standing = record->held_at_us ? IMAGE_HELD : IMAGE_SUSPECT;
	if (!record->held_at_us)
		suspect(farm, entry);
}

/* A run that is open has the board, so that nothing else is known of what it did before. */
void board_image_load(struct farm *farm, const struct board_image_record *record)
{
	struct board *board = board_find(farm, record->board);

	if (!board)
		return;
	if (record->is_open) {
		trial_flashed(farm, board, NULL);
		board->record.fell_out = board->record.forgiven = false;
		board->unkept = true;
	}
	board->record.flashed_run = record->is_lease ? 0 : record->run;
	mem_text_into(board->flashed.org, sizeof(board->flashed.org), record->org);
	mem_text_into(board->flashed.sha256, sizeof(board->flashed.sha256), record->sha256);
	mem_text_into(board->flashed.name, sizeof(board->flashed.name), record->name);
	if (record->is_lease)
		return;
	trial_load_board(farm, board, record);
	if (!record->is_open)
		board_plan_image(farm, board);
}

void images_clear(struct farm *farm)
{
	struct map_node *node;

	while ((node = map_next(&farm->images, NULL)))
		image_entry_destroy(farm, entry_of(node));
}

uint32_t image_strikes(const struct farm *farm, const char *org, const char *sha256)
{
	const struct image_entry *entry = image_entry_find(farm, org, sha256);

	return entry ? (uint32_t)entry->suspicion.count : 0;
}

/* --- what is held back --- */

const struct held_image_record *image_held(const struct farm *farm, const char *org, const char *sha256)
{
	const struct image_entry *entry = sha256[0] ? image_entry_find(farm, org, sha256) : NULL;

	return entry && entry->suspicion.standing == IMAGE_HELD ? &entry->record : NULL;
}

/* Of runs that go together none starts without the others. */
const struct held_image_record *run_image_held(const struct farm *farm, const struct run *run)
{
	const struct held_image_record *held;

	if (map_next(&farm->images, NULL) == NULL || run->job->hold || run->job->record.kind == JOB_IS_CHECK)
		return NULL; /* a person, and the farm where it must, may still look into it */
	held = image_held(farm, run->record.org, run->record.image_sha256);
	if (held || !run->job->spec->together)
		return held;
	list_for_each (link, &run->job->runs) {
		const struct run *other = list_container(link, const struct run, job_link);

		held = image_held(farm, other->record.org, other->record.image_sha256);
		if (held && other->record.state != RUN_IS_FINISHED)
			return held;
	}
	return NULL;
}

/* Every run that waits, as what is held has changed. */
static void hold_back(struct farm *farm)
{
	for (struct map_node *node = map_next(&farm->runs, NULL); node; node = map_next(&farm->runs, node)) {
		struct run *run = map_container(node, struct run, node);
		bool held;

		if (run->record.state != RUN_IS_QUEUED || run->frozen)
			continue;
		held = run_image_held(farm, run) != NULL;
		if (held == run->held_back)
			continue;
		run_unqueue(farm, run);
		run_queue(farm, run);
	}
}

static void end_diagnoses(struct farm *farm)
{
	struct run *found;

	do {
		found = NULL;
		for (struct map_node *node = map_next(&farm->runs, NULL); node; node = map_next(&farm->runs, node)) {
			struct run *run = map_container(node, struct run, node);

			if (run->held_back && run->record.state == RUN_IS_QUEUED &&
			    run->job->record.kind == JOB_IS_DIAGNOSIS)
				found = run;
		}
		if (found)
			run_cancel(farm, found, "its image is held");
	} while (found);
}

/* --- suspicion --- */

static void write_evidence(struct image_entry *entry)
{
	json_t *array = json_array();
	char *text;

	for (size_t i = 0; i < entry->suspicion.count; i++) {
		const struct image_strike *strike = &entry->suspicion.strikes[i];
		json_t *object = json_object();

		json_put(&object, "board", json_string(strike->board));
		json_put(&object, "run", json_integer(strike->run));
		json_put(&object, "cause", json_string(cause_name(strike->cause)));
		json_push(&array, object);
	}
	text = array ? json_dumps(array, JSON_COMPACT) : NULL;
	mem_text_into(entry->record.evidence, sizeof(entry->record.evidence), text ? text : "[]");
	free(text);
	json_decref(array);
}

static void forgive_struck(struct farm *farm, const struct image_entry *entry)
{
	char why[BOARD_UNPROVEN_MAX];

	(void)snprintf(why, sizeof(why), "image %.12s, which is held, put it out of action", entry->record.sha256);
	for (size_t i = 0; i < entry->suspicion.count; i++) {
		struct board *board = board_find(farm, entry->suspicion.strikes[i].board);

		if (board)
			board_forgive(farm, board, why);
	}
}

static void hold(struct farm *farm, struct image_entry *entry)
{
	struct held_image_record *record = &entry->record;
	json_t *body;

	farm->images_suspect -= !list_empty(&entry->link);
	list_remove(&entry->link);
	record->held_at_us = farm_unix(farm);
	log_warn("farm", "image %s is held: %zu boards were out of action right after it", record->sha256,
		 entry->suspicion.count);
	keep(farm, entry, false);
	body = held_image_json(record);
	(void)json_object_del(body, "org"); /* the event's own */
	event_append(farm, EVENT_IMAGE_HELD, record->org, NULL, NULL, NULL, body);
	forgive_struck(farm, entry);
	hold_back(farm);
	end_diagnoses(farm);
}

/* cause CAUSE_NONE: the board took the next image well. */
static void note(struct farm *farm, const struct board *board, enum cause cause)
{
	const struct image_end end = {.board = board->record.name,
				      .run = board->record.flashed_run,
				      .cause = cause,
				      .did_well = !board->record.fell_out};
	struct image_entry *entry = image_entry_find(farm, board->flashed.org, board->flashed.sha256);
	enum image_standing standing;
	bool is_new = !entry;

	if (!entry && cause == CAUSE_NONE)
		return;
	if (!entry)
		entry = image_entry_add(farm, board->flashed.org, board->flashed.sha256);
	if (entry->suspicion.standing == IMAGE_HELD)
		return;
	mem_text_into(entry->record.name, sizeof(entry->record.name), board->flashed.name);
	standing = image_suspicion_note(&entry->suspicion, farm->config.image_max_boards, &end);
	entry->record.struck_at_us = farm_unix(farm);
	write_evidence(entry);
	switch (standing) {
	case IMAGE_HELD:
		hold(farm, entry);
		break;
	case IMAGE_SUSPECT:
		suspect(farm, entry);
		keep(farm, entry, false);
		break;
	case IMAGE_CLEAN:
		if (!is_new)
			keep(farm, entry, true);
		image_entry_destroy(farm, entry);
		break;
	}
	trials_look(farm, board->flashed.org, board->flashed.sha256);
}

void image_flashed(struct farm *farm, const struct run *run)
{
	struct board *board = run->board;

	if (!board)
		return;
	if (farm->config.image_max_boards && board->record.flashed_run)
		note(farm, board, CAUSE_NONE);
	if (!board->record.fell_out)
		trial_passed(farm, board);
	board->record.fell_out = board->record.forgiven = false;
	board->record.flashed_run = 0;
	board->unkept = true;
	trial_flashed(farm, board, run);
	if (run->job->record.kind == JOB_IS_LEASE)
		return; /* a person puts there what nobody knows */
	board->record.flashed_run = run->record.id;
	mem_text_into(board->flashed.org, sizeof(board->flashed.org), run->record.org);
	mem_text_into(board->flashed.sha256, sizeof(board->flashed.sha256), run->record.image_sha256);
	mem_text_into(board->flashed.name, sizeof(board->flashed.name), run->record.image_name);
}

void image_run_ended(struct farm *farm, const struct run *run, struct board *board)
{
	char why[BOARD_UNPROVEN_MAX];

	if (!farm->config.image_max_boards || !run->ended_by_agent || !cause_strikes(run->record.cause))
		return;
	if (board->record.flashed_run && image_held(farm, board->flashed.org, board->flashed.sha256)) {
		(void)snprintf(why, sizeof(why), "image %.12s, which is held, put it out of action",
			       board->flashed.sha256);
		board_forgive(farm, board, why);
	} else if (board->record.flashed_run) {
		note(farm, board, run->record.cause);
	}
	board->record.fell_out = true;
	board->unkept = true; /* to be forgiven has kept it as it was before */
}

/* --- for people --- */

json_t *held_image_json(const struct held_image_record *record)
{
	json_t *object = json_object(), *evidence = json_loads(record->evidence, 0, NULL);

	json_put(&object, "sha256", json_string(record->sha256));
	json_put(&object, "org", json_string(record->org));
	json_put(&object, "name", json_text(record->name, sizeof(record->name)));
	json_put(&object, "held_at_us", json_integer(record->held_at_us));
	json_put(&object, "struck", evidence ? evidence : json_array());
	return object;
}

json_t *farm_held_images_json(const struct farm *farm, const struct principal *who)
{
	json_t *array = json_array();

	for (struct map_node *node = map_next(&farm->images, NULL); node; node = map_next(&farm->images, node)) {
		const struct image_entry *entry = entry_of(node);

		if (entry->suspicion.standing == IMAGE_HELD && principal_sees(who, entry->record.org))
			json_push(&array, held_image_json(&entry->record));
	}
	return array;
}

/* Its own organisation's first; an admin's, whoever's it is. A beginning will do where it means one. */
static struct image_entry *find_for(const struct farm *farm, const struct principal *who, const char *sha256)
{
	struct image_entry *found = NULL;
	size_t len = strlen(sha256);

	for (struct map_node *node = map_next(&farm->images, NULL); node; node = map_next(&farm->images, node)) {
		struct image_entry *entry = entry_of(node);

		if (len < 8 || entry->suspicion.standing != IMAGE_HELD || !principal_sees(who, entry->record.org) ||
		    strncmp(entry->record.sha256, sha256, len) != 0)
			continue;
		if (found && strcmp(found->record.sha256, entry->record.sha256) != 0)
			return NULL;
		if (!found || strcmp(entry->record.org, who->org) == 0)
			found = entry;
	}
	return found;
}

static int check_release(const struct farm *farm, const struct principal *who, const char *why, struct err *err)
{
	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not release images", role_name(who->role));
	if (!why[0] || strlen(why) >= BOARD_UNPROVEN_MAX / 2)
		return err_set(err, ERR_INVALID, "why: found %s, expected at most %d bytes",
			       why[0] ? "more" : "nothing", BOARD_UNPROVEN_MAX / 2 - 1);
	return farm_degraded(farm) ? farm_refuse(farm, err) : 0;
}

static void tell_released(struct farm *farm, const char *org, json_t *body, const char *by, const char *why)
{
	(void)json_object_del(body, "org"); /* the event's own */
	json_put(&body, "by", json_string(by));
	json_put(&body, "why", json_text(why, BOARD_UNPROVEN_MAX));
	event_append(farm, EVENT_IMAGE_RELEASED, org, NULL, NULL, NULL, body);
}

int farm_release_image(struct farm *farm, const struct principal *who, const char *sha256, const char *why,
		       on_done_fn on_done, void *context, struct err *err)
{
	struct image_entry *entry = find_for(farm, who, sha256);
	const char *org = NULL, *on_trial = entry ? NULL : trials_find(farm, who, sha256, &org);
	int rc;

	if (!entry && !on_trial)
		return err_set(err, ERR_NOT_FOUND, "no image %.64s is held or on trial", sha256);
	rc = check_release(farm, who, why, err);
	if (rc)
		return rc;
	farm_enter(farm);
	if (entry) {
		struct held_image_record record = entry->record;

		keep(farm, entry, true);
		tell_released(farm, record.org, held_image_json(&record), who->name, why);
		image_entry_destroy(farm, entry);
		trials_look(farm, record.org, record.sha256);
		hold_back(farm);
	} else {
		tell_released(farm, org, json_pack("{s:s}", "sha256", on_trial), who->name, why);
		trials_release(farm, org, on_trial);
	}
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}
