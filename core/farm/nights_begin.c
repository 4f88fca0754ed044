/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs of a night: of each suite, runs for each cell of the matrix that can be run, and of the others why not.
 *
 * A large night is begun in turns, between which the farm does its other work: first what was dropped is looked up for
 * all cells at once, so that a night is of one state of the firmware; then each cell is looked at by itself, so that
 * one that cannot be run takes no other with it; then the jobs are handed in, NIGHT_JOB_RUNS runs each. The night's
 * cells are stored with each job, so that after a crash a night is begun no further than where it was, and nothing
 * twice.
 *
 * Ways it goes otherwise: a cell cannot be run: it says why. A job is refused though each of its cells would do (too
 * many names for one): halves of it are tried. The store cannot commit: it goes on when it can. The daemon dies: what
 * has neither a job nor a reason is dealt with after the start, as the schedule then is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_job.h"
#include "core/farm/state_night.h"
#include "core/farm/state_rack.h"

#define JOB_TEXT_MAX   (4u << 20)
#define IMAGE_PATH_MAX (SCHEDULE_TYPE_MAX + SCHEDULE_NAME_MAX + SCHEDULE_SOURCE_MAX)
#define TURN_US        5000 /* no further step is begun after so long */
#define TURN_STEPS     50
#define LOOK_AGAIN_US  INT64_C(1000000) /* whether it can go on */
/* At first, where the schedule does not say how many may run at a time, which goes for one job; halved, down to the
 * least, each time that a job takes longer than LONG_US: suites with a thousand names do. */
#define NIGHT_JOB_RUNS  64
#define NIGHT_JOB_LEAST 16
#define LONG_US         8000

/* A cell, and whether it can be run. */
struct planned {
	char suite[SCHEDULE_NAME_MAX], image[SCHEDULE_NAME_MAX], type[SCHEDULE_TYPE_MAX];
	char source[SCHEDULE_SOURCE_MAX];
	char sha256[SHA256_HEX];
	int64_t version; /* of the drop; 0: of none */
	char author[PRINCIPAL_MAX];
	char why[FARM_TEXT_MAX]; /* not; "": it can */
	char path[IMAGE_PATH_MAX];
	bool looked_at;
	size_t run_count;   /* that it makes, or more */
	int64_t job;        /* 0: not yet */
	size_t spec, specs; /* its entries there */
};

struct beginning {
	struct farm *farm;
	int64_t night;
	struct schedule *schedule; /* as it was when the night began */
	struct principal who;
	struct planned *planned;
	struct submission_image *images; /* of all cells */
	size_t count, next;              /* next: to be looked at */
	size_t job_runs;                 /* at most */
	bool stored;                     /* what the cells say, as far as it matters */
	struct doc_problems problems;
};

/* Runs on so many boards of the type, or so many on any, as in a job file. */
static json_t *run_entry(const struct beginning *b, const struct planned *planned)
{
	const struct schedule *schedule = b->schedule;
	json_t *run = json_object();

	json_put(&run, "type", json_string(planned->type));
	json_put(&run, "image", json_string(planned->path));
	json_put(&run, "count", json_integer(schedule->count));
	if (schedule->boards == SCHEDULE_EACH_BOARD)
		json_put(&run, "boards", json_string("each"));
	else if (schedule->boards != SCHEDULE_ANY_BOARD)
		json_put(&run, "boards", json_integer(schedule->boards));
	return run;
}

static size_t runs_of(const struct beginning *b, const struct planned *planned)
{
	const struct pool *pool = pool_find(b->farm, planned->type);
	size_t boards = b->schedule->boards;

	if (boards == SCHEDULE_ANY_BOARD)
		boards = 1;
	else if (boards == SCHEDULE_EACH_BOARD)
		boards = pool ? pool->plan.board_count : 0;
	return boards * b->schedule->count;
}

/* The job file of some runs. */
static json_t *job_of(const struct beginning *b, const char *suite, json_t *runs)
{
	const struct schedule *schedule = b->schedule;
	json_t *job = json_object();
	char name[101];

	(void)snprintf(name, sizeof(name), "%.60s night %lld", schedule->name, (long long)b->night);
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
	struct submission submission = {.file = b->schedule->name, .images = b->images, .image_count = b->count};
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
		number = job_hand_in(b->farm, &b->who, &submission, b->night, only_look, &b->problems, &err);
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

/* One cell by itself. */
static void look_at(struct beginning *b, struct planned *planned)
{
	json_t *runs = json_array();

	planned->looked_at = true;
	if (planned->why[0] || planned->job) {
		json_decref(runs);
		return;
	}
	planned->run_count = runs_of(b, planned);
	json_push(&runs, run_entry(b, planned));
	(void)hand_in(b, planned->suite, runs, true, planned->why, sizeof(planned->why));
}

/* Which entries of the job are whose: they are in the cells' order, and of each cell with its image. */
static void find_entries(struct beginning *b, int64_t number, const size_t *cells, size_t count)
{
	const struct job *job = job_find(b->farm, number);
	size_t entry = 0;

	for (size_t i = 0; i < count; i++) {
		struct planned *planned = &b->planned[cells[i]];

		planned->job = number;
		planned->spec = entry;
		while (job && entry < job->spec->run_count && strcmp(job->spec->runs[entry].image, planned->path) == 0)
			entry++;
		planned->specs = entry - planned->spec;
	}
}

/* The cells of the first suite that waits, as many as one job takes; their runs. */
static json_t *next_job(const struct beginning *b, size_t *cells, size_t *ret_count)
{
	json_t *runs = json_array();
	const char *suite = NULL;
	size_t total = 0;

	*ret_count = 0;
	for (size_t i = 0; i < b->count; i++) {
		const struct planned *planned = &b->planned[i];

		if (planned->why[0] || planned->job || (suite && strcmp(planned->suite, suite) != 0))
			continue;
		if (suite && total + planned->run_count > b->job_runs)
			break;
		suite = planned->suite;
		total += planned->run_count;
		cells[(*ret_count)++] = i;
		json_push(&runs, run_entry(b, planned));
	}
	return runs;
}

/* Hands in a job; false: there is none left. */
static bool hand_in_next(struct beginning *b)
{
	size_t *cells = mem_alloc_array(b->count + 1, sizeof(*cells)), count;
	json_t *runs = next_job(b, cells, &count);
	char why[FARM_TEXT_MAX] = "";
	int64_t job, begun_us;

	if (count == 0) {
		json_decref(runs);
		free(cells);
		return false;
	}
	begun_us = farm_now(b->farm);
	job = hand_in(b, b->planned[cells[0]].suite, runs, false, why, sizeof(why));
	if (!b->schedule->parallel && b->job_runs > NIGHT_JOB_LEAST && farm_now(b->farm) - begun_us > LONG_US)
		b->job_runs /= 2;
	if (job)
		find_entries(b, job, cells, count);
	else if (count > 1)
		b->job_runs = b->job_runs > 1 ? b->job_runs / 2 : 1;
	else
		mem_text_into(b->planned[cells[0]].why, sizeof(b->planned[0].why), why);
	b->stored = false;
	free(cells);
	return true;
}

/* After a start no board is in service before its rack has said hello: a night for so many boards waits for that, as
 * long as racks have to come back. */
static bool racks_are_back(const struct beginning *b)
{
	const struct farm *farm = b->farm;

	if (b->schedule->boards == SCHEDULE_ANY_BOARD ||
	    farm_now(farm) - farm->created_us >= 1000 * farm->config.agent_grace_ms)
		return true;
	for (struct map_node *node = map_next(&farm->agents, NULL); node; node = map_next(&farm->agents, node)) {
		if (!map_container(node, struct agent, node)->record.online)
			return false;
	}
	return true;
}

int64_t beginning_due_us(const struct beginning *b)
{
	return farm_now(b->farm) + (farm_degraded(b->farm) || !racks_are_back(b) ? LOOK_AGAIN_US : 0);
}

enum beginning_state beginning_turn(struct beginning *b)
{
	int64_t end_us = farm_now(b->farm) + TURN_US;
	bool more = true;

	if (!racks_are_back(b))
		return BEGINNING_GOES_ON;
	for (int step = 0; more && step < TURN_STEPS && (step == 0 || farm_now(b->farm) < end_us); step++) {
		if (b->next < b->count)
			look_at(b, &b->planned[b->next++]);
		else
			more = hand_in_next(b);
	}
	if (!more)
		return BEGINNING_DONE;
	return b->stored ? BEGINNING_GOES_ON : BEGINNING_HAS_NEWS;
}

static json_t *cell_json(const struct planned *planned)
{
	json_t *cell = json_object();

	json_put(&cell, "suite", json_string(planned->suite));
	json_put(&cell, "image", json_string(planned->image));
	json_put(&cell, "type", json_string(planned->type));
	json_put(&cell, "source", json_string(planned->source));
	json_put(&cell, "sha256", json_string(planned->sha256));
	if (planned->version) {
		json_put(&cell, "version", json_integer(planned->version));
		json_put(&cell, "dropped_by", json_string(planned->author));
	}
	if (planned->why[0]) {
		json_put(&cell, "why", json_text(planned->why, sizeof(planned->why)));
	} else if (planned->job) {
		json_put(&cell, "job", json_integer(planned->job));
		json_put(&cell, "spec", json_integer((json_int_t)planned->spec));
		json_put(&cell, "specs", json_integer((json_int_t)planned->specs));
	}
	return cell;
}

char *beginning_cells(struct beginning *b)
{
	json_t *array = json_array();
	char *text;

	for (size_t i = 0; i < b->count; i++)
		json_push(&array, cell_json(&b->planned[i]));
	text = json_compact(array);
	json_decref(array);
	b->stored = true;
	return text;
}

static struct planned *add_cell(struct beginning *b, const char *suite, const char *image, const char *type,
				const char *source)
{
	struct planned *planned = &b->planned[b->count];

	mem_text_into(planned->suite, sizeof(planned->suite), suite);
	mem_text_into(planned->image, sizeof(planned->image), image);
	mem_text_into(planned->type, sizeof(planned->type), type);
	mem_text_into(planned->source, sizeof(planned->source), source);
	/* What the job file calls the image; people see what is after the last slash, and that with the type's name. */
	if (strstr(image, "{type}") && strrchr(source, '/'))
		(void)snprintf(planned->path, sizeof(planned->path), "%s/%s%s", type, image, strrchr(source, '/'));
	else
		(void)snprintf(planned->path, sizeof(planned->path), "%s/%s", type, image);
	b->images[b->count].path = planned->path;
	b->images[b->count++].sha256 = planned->sha256;
	return planned;
}

static void resolve(const struct beginning *b, struct planned *planned)
{
	const struct drop_record *drop;

	if (!drop_resolve(b->farm, b->who.org, planned->source, planned->sha256, &drop, planned->why,
			  sizeof(planned->why)) ||
	    !drop)
		return;
	planned->version = drop->version;
	mem_text_into(planned->author, sizeof(planned->author), drop->author);
}

static struct beginning *begin(struct farm *farm, const struct schedule_record *record, int64_t night)
{
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	struct beginning *b = mem_alloc(sizeof(*b));

	b->farm = farm;
	b->night = night;
	b->who.role = ROLE_MEMBER;
	mem_text_into(b->who.org, sizeof(b->who.org), record->org);
	mem_text_into(b->who.name, sizeof(b->who.name), record->author);
	doc_problems_init(problems, record->name);
	(void)schedule_read(record->name, record->text, strlen(record->text), farm->ports.zones, &b->schedule,
			    problems);
	free(problems);
	if (!b->schedule) {
		beginning_destroy(b);
		return NULL;
	}
	b->job_runs = b->schedule->parallel ? SPEC_MAX_RUNS : NIGHT_JOB_RUNS;
	b->planned = mem_alloc_array(SCHEDULE_MAX_CELLS, sizeof(*b->planned));
	b->images = mem_alloc_array(SCHEDULE_MAX_CELLS, sizeof(*b->images));
	return b;
}

struct beginning *beginning_create(struct farm *farm, const struct schedule_record *record, int64_t night)
{
	struct beginning *b = begin(farm, record, night);
	struct schedule_cell cell;
	size_t cursor = 0;

	while (b && b->count < SCHEDULE_MAX_CELLS && schedule_cell_next(b->schedule, &cursor, &cell))
		resolve(b, add_cell(b, cell.suite, cell.image, cell.type, cell.source));
	return b;
}

static const char *text_in(const json_t *cell, const char *key)
{
	const char *text = json_string_value(json_object_get(cell, key));

	return text ? text : "";
}

static bool is_dealt_with(const json_t *cell)
{
	return json_object_get(cell, "job") || json_object_get(cell, "why");
}

bool beginning_is_over(const json_t *cells)
{
	const json_t *cell;
	size_t i;

	json_array_foreach(cells, i, cell)
	{
		if (!is_dealt_with(cell))
			return false;
	}
	return true;
}

struct beginning *beginning_resume(struct farm *farm, const struct schedule_record *record, int64_t night,
				   const json_t *cells)
{
	struct beginning *b = begin(farm, record, night);
	const json_t *cell;
	size_t i;

	json_array_foreach(cells, i, cell)
	{
		struct planned *planned;

		if (!b || b->count == SCHEDULE_MAX_CELLS)
			break;
		planned = add_cell(b, text_in(cell, "suite"), text_in(cell, "image"), text_in(cell, "type"),
				   text_in(cell, "source"));
		mem_text_into(planned->sha256, sizeof(planned->sha256), text_in(cell, "sha256"));
		mem_text_into(planned->author, sizeof(planned->author), text_in(cell, "dropped_by"));
		mem_text_into(planned->why, sizeof(planned->why), text_in(cell, "why"));
		planned->version = json_integer_value(json_object_get(cell, "version"));
		planned->job = json_integer_value(json_object_get(cell, "job"));
		planned->spec = (size_t)json_integer_value(json_object_get(cell, "spec"));
		planned->specs = (size_t)json_integer_value(json_object_get(cell, "specs"));
	}
	return b;
}

void beginning_destroy(struct beginning *b)
{
	if (!b)
		return;
	schedule_destroy(b->schedule);
	free(b->planned);
	free(b->images);
	free(b);
}
