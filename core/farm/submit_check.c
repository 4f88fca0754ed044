/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one entry of a job's `runs:` can be had: its type or board, what it needs, its image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_org.h"
#include "core/farm/submit_private.h"

void submit_problem(struct submit *s, size_t index, const char *field, const char *found, const char *expected)
{
	char where[80];

	if (s->kind == JOB_IS_TEST)
		(void)snprintf(where, sizeof(where), "runs[%zu].%s", index, field);
	else
		mem_text_into(where, sizeof(where), field);
	doc_problem_add(s->problems, s->spec->runs[index].line, where, found, "%s", expected);
}

static bool check_place(struct submit *s, size_t index)
{
	const struct run_spec *run = &s->spec->runs[index];
	struct checked_run *checked = &s->checked[index];

	if (run->board[0]) {
		const struct board *board = board_find(s->farm, run->board);

		if (!board || !principal_sees_shared(s->who, board->record.org)) {
			submit_problem(s, index, "board", run->board, "the name of a board of this farm");
			return false;
		}
		checked->wanted_board = board->record.name;
		checked->pool = pool_of(board);
	} else {
		checked->pool = pool_find(s->farm, run->board_type);
	}
	if (!checked->pool || !checked->pool->has_type || !principal_sees_shared(s->who, checked->pool->record.org)) {
		submit_problem(s, index, "type", run->board_type, "a board type of this farm");
		return false;
	}
	return true;
}

#define LACK_BYTES     112 /* of what one board lacks */
#define REFUSALS_BYTES 168 /* of what the boards lack, which has place in a problem */

/* "the farm has none", or "mb1: it has no tag cold; 2 more": why none of the boards will do. */
static void list_refusals(const struct submit *s, const struct run_spec *run, const struct plan_selector *selector,
			  const struct plan_org *org, char ret_text[REFUSALS_BYTES])
{
	const struct pool *pool = list_container(selector->pool, const struct pool, plan);
	size_t used = 0, more = 0, foreign = 0;

	mem_text_into(ret_text, REFUSALS_BYTES, "the farm has none");
	list_for_each (link, &pool->boards) {
		const struct board *board = list_container(link, const struct board, pool_link);
		char why[LACK_BYTES], one[LACK_BYTES + sizeof(board->record.name) + 4];

		if (!principal_sees_shared(s->who, board->record.org)) {
			foreign++;
			continue;
		}
		board_lack(board, run, s->kind, board_fits(selector, org, board).reason, why, sizeof(why));
		(void)snprintf(one, sizeof(one), "%s%s: %s", used ? "; " : "", board->record.name, why);
		if (used && used + strlen(one) + sizeof("; 100000 more") > REFUSALS_BYTES) {
			more++;
			continue;
		}
		mem_text_into(ret_text + used, REFUSALS_BYTES - used, one);
		used = strlen(ret_text);
	}
	if (more + foreign && used)
		(void)snprintf(ret_text + used, REFUSALS_BYTES - used, "; %zu more", more + foreign);
	else if (foreign)
		(void)snprintf(ret_text, REFUSALS_BYTES, "%zu of other organisations", foreign);
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

struct plan_selector submit_selector(const struct submit *s, size_t index)
{
	const struct run_spec *run = &s->spec->runs[index];
	struct board *wanted = run->board[0] ? board_find(s->farm, run->board) : NULL;
	struct pool *pool = s->checked[index].pool;

	return (struct plan_selector){.pool = &pool->plan,
				      .board = wanted ? &wanted->plan : NULL,
				      .traits = run_traits(s->farm, run, pool, s->kind)};
}

/* There must be a board that may run it one day: one that is away, busy or out of order may come back. */
static bool check_boards(struct submit *s, size_t index)
{
	const struct run_spec *run = &s->spec->runs[index];
	struct board *wanted = run->board[0] ? board_find(s->farm, run->board) : NULL;
	struct plan_selector selector = submit_selector(s, index);
	const struct plan_org *org = &org_get(s->farm, s->who->org)->plan;
	char refusals[REFUSALS_BYTES], expected[REFUSALS_BYTES + 160];

	if (wanted && board_fits(&selector, org, wanted).reason == PLAN_WHY_NONE)
		return true;
	if (!wanted && any_fits(&selector, org))
		return true;
	if (wanted) {
		board_lack(wanted, run, s->kind, board_fits(&selector, org, wanted).reason, refusals, sizeof(refusals));
		(void)snprintf(expected, sizeof(expected),
			       "a board for organisation %s with what is asked for; of this one: %s", s->who->org,
			       refusals);
	} else {
		list_refusals(s, run, &selector, org, refusals);
		(void)snprintf(expected, sizeof(expected),
			       "a type with a board for organisation %s with what is asked for: %s", s->who->org,
			       refusals);
	}
	submit_problem(s, index, wanted ? "board" : "type", wanted ? run->board : run->board_type, expected);
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
	submit_problem(s, index, s->spec->runs[index].board[0] ? "board" : "type", type->name, expected);
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
		submit_problem(s, index, "image", s->spec->runs[index].image, expected);
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
		submit_problem(s, index, "image", run->image, "a file sent with the job, or sha256:<64 hex digits>");
		return false;
	}
	image = s->farm->ports.image(s->farm->ports.context, s->who, sha256, &err);
	if (!image) {
		submit_problem(s, index, "image", run->image,
			       err.code == ERR_NOT_FOUND ? "an image that the farm holds" : err.text);
		return false;
	}
	if (s->kind == JOB_IS_TEST && image_held(s->farm, s->who->org, sha256)) {
		char expected[160];

		(void)snprintf(expected, sizeof(expected),
			       "an image that is not held for what it did to boards; see: assay images, and: assay "
			       "images release %.12s --why TEXT",
			       sha256);
		submit_problem(s, index, "image", run->image, expected);
		return false;
	}
	mem_text_into(run->image_sha256, sizeof(run->image_sha256), sha256);
	mem_text_into(checked->sha256, sizeof(checked->sha256), sha256);
	mem_text_into(checked->build_id, sizeof(checked->build_id), image->build_id);
	checked->image_bytes = image->file_bytes;
	return fits(s, index, image);
}

void submit_check_run(struct submit *s, size_t index)
{
	if (check_place(s, index) && check_features(s, index) && check_boards(s, index))
		(void)check_image(s, index);
}
