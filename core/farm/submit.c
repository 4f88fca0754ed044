/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a job: everything that can be known to be wrong is said now, with file, line and field. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"

/* What the images of one submission are, per entry of `runs:`. */
struct checked_run {
	struct pool *pool;
	const char *wanted_board;
	char sha256[SHA256_HEX];
	char build_id[SHA256_HEX];
	uint64_t image_bytes;
};

struct submit {
	struct farm *farm;
	const struct principal *who;
	const struct submission *submission;
	enum job_kind kind;
	const struct hold_record *hold; /* of a lease */
	struct doc_problems *problems;
	struct job_spec *spec;
	struct checked_run *checked; /* one for each entry of spec->runs */
};

static void problem(struct submit *s, size_t index, const char *field, const char *found, const char *expected)
{
	char where[80];

	if (s->kind == JOB_IS_TEST)
		(void)snprintf(where, sizeof(where), "runs[%zu].%s", index, field);
	else
		mem_text_into(where, sizeof(where), field);
	doc_problem_add(s->problems, s->spec->runs[index].line, where, found, "%s", expected);
}

/* Boards, types and suites of the farm's own organisation are everyone's. */
static bool shared_with(const struct principal *who, const char *org)
{
	return strcmp(org, ORG_DEFAULT) == 0 || principal_sees(who, org);
}

static bool check_place(struct submit *s, size_t index)
{
	const struct run_spec *run = &s->spec->runs[index];
	struct checked_run *checked = &s->checked[index];

	if (run->board[0]) {
		const struct board *board = board_find(s->farm, run->board);

		if (!board || !shared_with(s->who, board->record.org)) {
			problem(s, index, "board", run->board, "the name of a board of this farm");
			return false;
		}
		checked->wanted_board = board->record.name;
		checked->pool = pool_of(board);
	} else {
		checked->pool = pool_find(s->farm, run->board_type);
	}
	if (!checked->pool || !checked->pool->has_type || !shared_with(s->who, checked->pool->record.org)) {
		problem(s, index, "type", run->board_type, "a board type of this farm");
		return false;
	}
	return true;
}

/* "the farm has none", or "mb1: another organisation's board; 2 more": why none of the boards will do. */
static void list_refusals(const struct submit *s, const struct plan_selector *selector, const struct plan_org *org,
			  char *ret_text, size_t size)
{
	const struct pool *pool = list_container(selector->pool, const struct pool, plan);
	size_t used = 0, more = 0;

	mem_text_into(ret_text, size, "the farm has none");
	list_for_each (link, &pool->boards) {
		const struct board *board = list_container(link, const struct board, pool_link);
		const char *why = plan_reason_text(board_fits(selector, org, board).reason);

		if (shared_with(s->who, board->record.org) &&
		    used + strlen(board->record.name) + strlen(why) + 32 < size)
			used += (size_t)snprintf(ret_text + used, size - used, "%s: %s; ", board->record.name, why);
		else
			more++;
	}
	if (more)
		(void)snprintf(ret_text + used, size - used, used ? "%zu more" : "%zu of other organisations", more);
	else if (used)
		ret_text[used - 2] = '\0';
}

static bool any_fits(const struct plan_selector *selector, const struct plan_org *org)
{
	const struct pool *pool = list_container(selector->pool, const struct pool, plan);

	list_for_each (link, &pool->boards) {
		const struct board *board = list_container(link, const struct board, pool_link);

		if (board_fits(selector, org, board).reason == PLAN_WHY_NONE)
			return true;
	}
	return false;
}

/* There must be a board that may run it one day: one that is away, busy or out of order may come back. */
static bool check_boards(struct submit *s, size_t index)
{
	const struct run_spec *run = &s->spec->runs[index];
	struct board *wanted = run->board[0] ? board_find(s->farm, run->board) : NULL;
	struct plan_selector selector = {.pool = &s->checked[index].pool->plan,
					 .board = wanted ? &wanted->plan : NULL,
					 .traits = wanted_traits(s->farm, run->tags, s->kind)};
	const struct plan_org *org = &org_get(s->farm, s->who->org)->plan;
	char refusals[160], expected[320];

	if (wanted && board_fits(&selector, org, wanted).reason == PLAN_WHY_NONE)
		return true;
	if (!wanted && any_fits(&selector, org))
		return true;
	if (wanted)
		(void)snprintf(expected, sizeof(expected),
			       "a board for organisation %s with the tags asked for; of this one: %s", s->who->org,
			       plan_reason_text(board_fits(&selector, org, wanted).reason));
	else {
		list_refusals(s, &selector, org, refusals, sizeof(refusals));
		(void)snprintf(expected, sizeof(expected),
			       "a type with a board for organisation %s with the tags asked for: %s", s->who->org,
			       refusals);
	}
	problem(s, index, wanted ? "board" : "type", wanted ? run->board : run->board_type, expected);
	return false;
}

/* What the suite needs must be among what the board type has. */
static bool check_features(struct submit *s, size_t index)
{
	const struct board_type *type = &s->checked[index].pool->type;
	const struct feature_condition *unmet;
	char wanted[200], expected[320];

	if (feature_conditions_hold(&s->spec->runs[index].require.features, type->features, type->feature_count,
				    &unmet))
		return true;
	feature_condition_describe(unmet, wanted, sizeof(wanted));
	(void)snprintf(expected, sizeof(expected), "a board type with %s, which what is required needs", wanted);
	problem(s, index, s->spec->runs[index].board[0] ? "board" : "type", type->name, expected);
	return false;
}

static const char *resolve(const struct submission *submission, const char *image)
{
	if (strncmp(image, "sha256:", 7) == 0)
		return image + 7;
	for (size_t i = 0; i < submission->image_count; i++) {
		if (strcmp(submission->images[i].path, image) == 0)
			return submission->images[i].sha256;
	}
	return NULL;
}

static bool is_sha256(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* A raw binary has no address of its own until it is placed, so the check works on a shallow copy. */
static bool fits(struct submit *s, size_t index, const struct image *image)
{
	struct image *placed = mem_copy(image, sizeof(*image));
	struct err err = {0};
	bool good;

	image_place(placed, &s->checked[index].pool->type);
	good = image_check(placed, &s->checked[index].pool->type, &err) == 0;
	free(placed);
	if (!good) {
		char expected[FARM_NAME_MAX + sizeof(err.text) + 32];

		(void)snprintf(expected, sizeof(expected), "an image for %s: %s", s->checked[index].pool->name,
			       err.text);
		problem(s, index, "image", s->spec->runs[index].image, expected);
	}
	return good;
}

static bool check_image(struct submit *s, size_t index)
{
	struct run_spec *run = &s->spec->runs[index];
	struct checked_run *checked = &s->checked[index];
	const char *sha256 = resolve(s->submission, run->image);
	const struct image *image;
	struct err err = {0};

	if (!run->image[0] && s->kind == JOB_IS_LEASE)
		return true; /* the board keeps what it has */
	if (!sha256 || !is_sha256(sha256)) {
		problem(s, index, "image", run->image, "a file sent with the job, or sha256:<64 hex digits>");
		return false;
	}
	image = s->farm->ports.image(s->farm->ports.context, s->who, sha256, &err);
	if (!image) {
		problem(s, index, "image", run->image,
			err.code == ERR_NOT_FOUND ? "an image that the farm holds" : err.text);
		return false;
	}
	mem_text_into(run->image_sha256, sizeof(run->image_sha256), sha256);
	mem_text_into(checked->sha256, sizeof(checked->sha256), sha256);
	mem_text_into(checked->build_id, sizeof(checked->build_id), image->build_id);
	checked->image_bytes = image->file_bytes;
	return fits(s, index, image);
}

static size_t total_runs(const struct job_spec *spec)
{
	size_t total = 0;

	for (size_t i = 0; i < spec->run_count; i++)
		total += spec->runs[i].count;
	return total;
}

static int check(struct submit *s, struct err *err)
{
	s->checked = mem_alloc_array(s->spec->run_count, sizeof(*s->checked));
	for (size_t i = 0; i < s->spec->run_count; i++) {
		if (check_place(s, i) && check_features(s, i) && check_boards(s, i))
			(void)check_image(s, i);
	}
	if (s->problems->count > 0)
		return doc_problems_err(s->problems, err);
	if (s->farm->waiting + total_runs(s->spec) > s->farm->config.max_waiting_runs)
		return err_set(err, ERR_BUSY, "%zu runs wait already, the farm takes at most %zu", s->farm->waiting,
			       s->farm->config.max_waiting_runs);
	return 0;
}

/* The last part of a path, for people. */
static const char *image_name(const char *image)
{
	const char *slash = strrchr(image, '/');

	return slash ? slash + 1 : image;
}

static void add_run(struct submit *s, struct job *job, uint32_t spec, uint32_t index)
{
	const struct checked_run *checked = &s->checked[spec];
	struct run_record record = {.id = ++s->farm->last_run,
				    .job = job->record.id,
				    .index = index,
				    .spec = spec,
				    .attempt = 1,
				    .state = RUN_IS_QUEUED,
				    .image_bytes = checked->image_bytes,
				    .queued_at_us = farm_unix(s->farm)};

	mem_text_into(record.org, sizeof(record.org), job->record.org);
	mem_text_into(record.board_type, sizeof(record.board_type), checked->pool->name);
	mem_text_into(record.wanted_board, sizeof(record.wanted_board), checked->wanted_board);
	mem_text_into(record.image_sha256, sizeof(record.image_sha256), checked->sha256);
	mem_text_into(record.image_name, sizeof(record.image_name), image_name(s->spec->runs[spec].image));
	mem_text_into(record.build_id, sizeof(record.build_id), checked->build_id);
	(void)run_add(s->farm, job, &record);
}

/* The job, then its runs, then the queue: everything in one change. */
static int64_t take(struct submit *s)
{
	struct farm *farm = s->farm;
	struct job_record record = {.id = ++farm->last_job,
				    .kind = s->kind,
				    .priority = s->spec->priority,
				    .retries = s->spec->retries,
				    .state = JOB_QUEUED,
				    .submitted_at_us = farm_unix(farm)};
	struct job_record *kept;
	json_t *spec = job_spec_to_json(s->spec);
	struct job *job;
	uint32_t index = 0;

	mem_text_into(record.org, sizeof(record.org), s->who->org);
	mem_text_into(record.owner, sizeof(record.owner), s->who->name);
	mem_text_into(record.name, sizeof(record.name), s->spec->name);
	mem_text_into(record.suite, sizeof(record.suite), s->spec->suite);
	job = job_add(farm, &record, s->spec);
	kept = change_add(farm->open, RECORD_JOB);
	*kept = record;
	kept->spec = json_dumps(spec, JSON_COMPACT);
	json_decref(spec);
	if (s->hold) {
		hold_add(farm, job, s->hold);
		hold_keep(farm, job->hold);
	}
	for (uint32_t i = 0; i < s->spec->run_count; i++) {
		for (uint32_t n = 0; n < s->spec->runs[i].count; n++)
			add_run(s, job, i, index++);
	}
	event_job(farm, EVENT_JOB_SUBMITTED, job);
	list_for_each (link, &job->runs) {
		struct run *run = list_container(link, struct run, job_link);

		run_keep(farm, run);
		event_run(farm, EVENT_RUN_QUEUED, run);
		run_queue(farm, run);
	}
	s->spec = NULL;
	return record.id;
}

/* Before anything is looked at closely. */
static int may_submit(const struct farm *farm, const struct principal *who, struct err *err)
{
	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not submit jobs", role_name(who->role));
	return farm_degraded(farm) ? farm_refuse(farm, err) : 0;
}

int submit_spec(struct farm *farm, const struct principal *who, const struct submission *submission,
		struct job_spec *spec, enum job_kind kind, const struct hold_record *hold, on_submitted_fn on_submitted,
		void *context, struct doc_problems *problems, struct err *err)
{
	struct submit s = {.farm = farm,
			   .who = who,
			   .submission = submission,
			   .kind = kind,
			   .hold = hold,
			   .problems = problems,
			   .spec = spec};
	int rc = may_submit(farm, who, err);

	if (rc == 0)
		rc = check(&s, err);
	if (rc == 0) {
		farm_enter(farm);
		outbox_submitted(farm, take(&s), on_submitted, context);
		farm_leave(farm);
	}
	free(s.checked);
	return rc;
}

int farm_submit(struct farm *farm, const struct principal *who, const struct submission *submission,
		on_submitted_fn on_submitted, void *context, struct doc_problems *problems, struct err *err)
{
	struct job_spec *spec = NULL;
	int rc;

	doc_problems_init(problems, submission->file);
	rc = may_submit(farm, who, err);
	if (rc)
		return rc;
	rc = job_spec_read(submission->file, submission->text, submission->len, suite_lookup, farm, &spec, problems);
	if (rc)
		return rc == ERR_INVALID ? doc_problems_err(problems, err)
					 : err_set(err, (enum err_code)rc, "%s", err_name((enum err_code)rc));
	rc = submit_spec(farm, who, submission, spec, JOB_IS_TEST, NULL, on_submitted, context, problems, err);
	if (rc)
		job_spec_destroy(spec);
	return rc;
}
