/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs of a night: of each suite, a run for each cell of the matrix that can be run, and of the others why not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"

#define JOB_TEXT_MAX   (4u << 20)
#define IMAGE_PATH_MAX (SCHEDULE_TYPE_MAX + SCHEDULE_NAME_MAX)

/* A cell, and whether it can be run. */
struct planned {
	struct schedule_cell cell;
	char sha256[SHA256_HEX];
	char why[FARM_TEXT_MAX]; /* not; "": it can */
	json_t *runs;            /* entries of the job file */
	size_t run_count;        /* that they make */
	int64_t job;
	size_t spec; /* the first of its entries there */
};

struct beginning {
	struct farm *farm;
	const struct schedule_entry *entry;
	const struct night_record *night;
	struct principal who;
	struct planned *planned;
	size_t count;
	struct submission_image *images; /* of all cells, and their paths */
	char (*paths)[IMAGE_PATH_MAX];
	struct doc_problems problems;
};

/* What the job file calls the image; people see what is after the slash. */
static void image_path(const struct planned *planned, char path[IMAGE_PATH_MAX])
{
	(void)snprintf(path, IMAGE_PATH_MAX, "%s/%s", planned->cell.type, planned->cell.image);
}

/* One that is out of service would have the night wait until a person lets it in again. */
static bool may_be_had(const struct beginning *b, const struct board *board)
{
	const char *org = board->record.org;

	return (strcmp(org, b->who.org) == 0 || strcmp(org, ORG_DEFAULT) == 0) &&
	       board->record.hold == BOARD_HOLD_NONE && board->record.state != BOARD_QUARANTINED;
}

/* A run on each board of the type that its organisation may have, or so many on any. */
static json_t *runs_of(const struct beginning *b, const struct planned *planned, size_t *ret_count)
{
	const struct schedule *schedule = b->entry->schedule;
	const struct pool *pool = pool_find(b->farm, planned->cell.type);
	json_t *runs = json_array();
	char image[IMAGE_PATH_MAX];

	image_path(planned, image);
	*ret_count = schedule->boards;
	if (schedule->boards != SCHEDULE_EACH_BOARD || !pool) {
		*ret_count = schedule->boards ? schedule->boards : 1;
		json_push(&runs, json_pack("{s:s, s:s, s:i}", "type", planned->cell.type, "image", image, "count",
					   (int)*ret_count));
		return runs;
	}
	list_for_each (link, &pool->boards) {
		const struct board *board = list_container(link, const struct board, pool_link);

		if (!may_be_had(b, board) || *ret_count == SPEC_MAX_RUNS)
			continue;
		json_push(&runs, json_pack("{s:s, s:s}", "board", board->record.name, "image", image));
		++*ret_count;
	}
	return runs;
}

/* The job file of some runs. */
static json_t *job_of(const struct beginning *b, const char *suite, json_t *runs)
{
	const struct schedule *schedule = b->entry->schedule;
	json_t *job = json_object();
	char name[101];

	(void)snprintf(name, sizeof(name), "%.60s night %lld", schedule->name, (long long)b->night->id);
	json_put(&job, "name", json_string(name));
	json_put(&job, "suite", json_string(suite));
	json_put(&job, "priority", json_integer(schedule->priority));
	json_put(&job, "retries", json_integer(schedule->retries));
	if (schedule->parallel)
		json_put(&job, "parallel",
			 json_integer(schedule->parallel < SPEC_MAX_RUNS ? schedule->parallel : SPEC_MAX_RUNS));
	json_put(&job, "preemptible", json_boolean(schedule->preemptible));
	if (schedule->has_window)
		json_put(&job, "window", json_string(schedule->window_text));
	json_put(&job, "runs", runs);
	return job;
}

/* Hands in a job; with only_look it is only looked at. The number, or 0 with why. */
static int64_t hand_in(struct beginning *b, const char *suite, json_t *runs, bool only_look, char *why, size_t why_size)
{
	json_t *job = job_of(b, suite, runs);
	struct submission submission = {.file = b->entry->record.name, .images = b->images, .image_count = b->count};
	struct err err = {0};
	struct buf text;
	int64_t number = 0;

	buf_init(&text, JOB_TEXT_MAX);
	if (!job || json_write(job, &text)) {
		mem_text_into(why, why_size, "there was no memory for its job");
	} else {
		submission.text = buf_text(&text);
		submission.len = text.len;
		doc_problems_init(&b->problems, submission.file);
		number = job_hand_in(b->farm, &b->who, &submission, b->night->id, only_look, &b->problems, &err);
		if (!number && b->problems.count)
			(void)snprintf(why, why_size, "%.80s: found %.120s, expected %.160s", b->problems.item[0].field,
				       b->problems.item[0].found, b->problems.item[0].expected);
		else if (!number)
			mem_text_into(why, why_size, err.text);
	}
	json_decref(job);
	buf_finish(&text);
	return number;
}

static void plan_cell(struct beginning *b, struct planned *planned)
{
	if (!drop_resolve(b->farm, b->who.org, planned->cell.source, planned->sha256, planned->why,
			  sizeof(planned->why)))
		return;
	planned->runs = runs_of(b, planned, &planned->run_count);
	if (json_array_size(planned->runs) == 0)
		(void)snprintf(planned->why, sizeof(planned->why), "there is no board of type %s that may be had",
			       planned->cell.type);
	else
		(void)hand_in(b, planned->cell.suite, json_incref(planned->runs), true, planned->why,
			      sizeof(planned->why));
}

/* One job of cells of one suite, from the first on, as many as a job may hold. */
static void hand_in_from(struct beginning *b, size_t first)
{
	const char *suite = b->planned[first].cell.suite;
	json_t *runs = json_array();
	size_t count = 0, last = first;
	char why[FARM_TEXT_MAX];
	int64_t job;

	for (size_t i = first; i < b->count; i++) {
		struct planned *planned = &b->planned[i];

		if (planned->why[0] || planned->job || strcmp(planned->cell.suite, suite) != 0)
			continue;
		if (count && count + planned->run_count > SPEC_MAX_RUNS)
			break;
		count += planned->run_count;
		planned->spec = json_array_size(runs);
		planned->job = -1; /* in this one */
		json_array_extend(runs, planned->runs);
		last = i;
	}
	job = hand_in(b, suite, runs, false, why, sizeof(why));
	for (size_t i = first; i <= last; i++) {
		if (b->planned[i].job != -1)
			continue;
		b->planned[i].job = job;
		if (!job)
			mem_text_into(b->planned[i].why, sizeof(b->planned[i].why), why);
	}
}

/* [{"suite","image","type","source","sha256","job","spec","specs"}], or with "why" in place of the last three. */
static json_t *cells_json(const struct beginning *b)
{
	json_t *array = json_array();

	for (size_t i = 0; i < b->count; i++) {
		const struct planned *planned = &b->planned[i];
		json_t *cell = json_object();

		json_put(&cell, "suite", json_string(planned->cell.suite));
		json_put(&cell, "image", json_string(planned->cell.image));
		json_put(&cell, "type", json_string(planned->cell.type));
		json_put(&cell, "source", json_string(planned->cell.source));
		json_put(&cell, "sha256", json_string(planned->sha256));
		if (planned->why[0]) {
			json_put(&cell, "why", json_text(planned->why, sizeof(planned->why)));
		} else {
			json_put(&cell, "job", json_integer(planned->job));
			json_put(&cell, "spec", json_integer((json_int_t)planned->spec));
			json_put(&cell, "specs", json_integer((json_int_t)json_array_size(planned->runs)));
		}
		json_push(&array, cell);
	}
	return array;
}

static void list_cells(struct beginning *b)
{
	struct schedule_cell cell;
	size_t cursor = 0;

	b->planned = mem_alloc_array(SCHEDULE_MAX_CELLS, sizeof(*b->planned));
	b->images = mem_alloc_array(SCHEDULE_MAX_CELLS, sizeof(*b->images));
	b->paths = mem_alloc_array(SCHEDULE_MAX_CELLS, sizeof(*b->paths));
	while (b->count < SCHEDULE_MAX_CELLS && schedule_cell_next(b->entry->schedule, &cursor, &cell)) {
		struct planned *planned = &b->planned[b->count];

		planned->cell = cell;
		image_path(planned, b->paths[b->count]);
		b->images[b->count].path = b->paths[b->count];
		b->images[b->count].sha256 = planned->sha256;
		b->count++;
	}
}

char *night_hand_in(struct farm *farm, const struct schedule_entry *entry, const struct night_record *night)
{
	struct beginning *b = mem_alloc(sizeof(*b));
	json_t *cells;
	char *text;

	b->farm = farm;
	b->entry = entry;
	b->night = night;
	b->who.role = ROLE_MEMBER;
	mem_text_into(b->who.org, sizeof(b->who.org), entry->record.org);
	mem_text_into(b->who.name, sizeof(b->who.name), entry->record.author);
	list_cells(b);
	for (size_t i = 0; i < b->count; i++)
		plan_cell(b, &b->planned[i]);
	for (size_t i = 0; i < b->count; i++) {
		if (!b->planned[i].why[0] && !b->planned[i].job)
			hand_in_from(b, i);
	}
	cells = cells_json(b);
	text = cells ? json_dumps(cells, JSON_COMPACT) : NULL;
	json_decref(cells);
	for (size_t i = 0; i < b->count; i++)
		json_decref(b->planned[i].runs);
	free(b->planned);
	free(b->images);
	free(b->paths);
	free(b);
	return text;
}
