/* SPDX-License-Identifier: Apache-2.0 */
/* Runs on each board of a type, or on several different ones: which boards that is, as things stand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_org.h"
#include "core/farm/submit_private.h"
#include "core/spec/spec_fields.h"

/* An array of boards that will do. */
struct found {
	const struct board **board;
	size_t count;
};

static bool in_service(const struct board *board)
{
	return board->plan.state != PLAN_BOARD_OFFLINE && board->plan.state != PLAN_BOARD_QUARANTINED &&
	       board->plan.state != PLAN_BOARD_RETIRED;
}

/* The least asked for first. */
static int by_load(const void *a, const void *b)
{
	const struct board *x = *(const struct board *const *)a, *y = *(const struct board *const *)b;
	size_t first = x->waiting + (x->run != NULL), second = y->waiting + (y->run != NULL);
	int order = (first > second) - (first < second);

	return order ? order : strcmp(x->record.name, y->record.name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct board *const *)a)->record.name, (*(const struct board *const *)b)->record.name);
}

static struct found find_boards(const struct submit *s, size_t index)
{
	struct plan_selector selector = submit_selector(s, index);
	const struct plan_org *org = &org_get(s->farm, s->who->org)->plan;
	struct found found = {.board = mem_alloc_array(selector.pool->board_count, sizeof(*found.board))};

	list_for_each (link, &s->checked[index].pool->boards) {
		const struct board *board = list_container(link, const struct board, pool_link);

		if (in_service(board) && board_fits(&selector, org, board).reason == PLAN_WHY_NONE)
			found.board[found.count++] = board;
	}
	qsort(found.board, found.count, sizeof(*found.board), by_load);
	return found;
}

/* How many boards the entry means; 0 with a problem when there are not as many. */
static size_t wanted_of(struct submit *s, size_t index, size_t found)
{
	const struct run_spec *run = &s->spec->runs[index];
	char number[24], expected[120];

	if (run->boards == SPEC_EACH_BOARD && found > 0)
		return found;
	if (run->boards != SPEC_EACH_BOARD && run->boards <= found)
		return run->boards;
	(void)snprintf(number, sizeof(number), "%u", run->boards);
	(void)snprintf(expected, sizeof(expected), "no more than are in service with what is asked for, which are %zu",
		       found);
	submit_problem(s, index, "boards", run->boards == SPEC_EACH_BOARD ? "each" : number, expected);
	return 0;
}

struct expansion {
	struct run_spec *runs;
	struct checked_run *checked;
	size_t count, total; /* entries, runs */
	size_t names, bytes; /* as in SPEC_MAX_JOB_NAMES */
};

static void add_entry(struct expansion *to, const struct run_spec *run, const struct checked_run *checked,
		      const struct board *board)
{
	struct run_spec *entry;

	to->runs = mem_resize_array(to->runs, to->count + 1, sizeof(*to->runs));
	to->checked = mem_resize_array(to->checked, to->count + 1, sizeof(*to->checked));
	entry = &to->runs[to->count];
	*entry = *run;
	to->checked[to->count++] = *checked;
	requirements_init(&entry->require);
	if (requirements_copy(&entry->require, &run->require))
		mem_exhausted();
	to->total += entry->count;
	to->names += requirements_size(&entry->require, &to->bytes);
	if (!board)
		return;
	entry->boards = 0;
	entry->board_type[0] = '\0';
	mem_text_into(entry->board, sizeof(entry->board), board->record.name);
	to->checked[to->count - 1].wanted_board = board->record.name;
}

/* Before memory is spent on it. */
static bool too_many(struct submit *s, size_t index, const struct expansion *to)
{
	char found[24], expected[120];

	if (to->total <= SPEC_MAX_RUNS && to->names <= SPEC_MAX_JOB_NAMES && to->bytes <= SPEC_MAX_JOB_BYTES)
		return false;
	(void)snprintf(found, sizeof(found), "%zu runs so far", to->total);
	(void)snprintf(expected, sizeof(expected), "at most %d runs in a job, and %d required names over all of them",
		       SPEC_MAX_RUNS, SPEC_MAX_JOB_NAMES);
	submit_problem(s, index, "boards", found, expected);
	return true;
}

static void expand_entry(struct submit *s, size_t index, struct expansion *to)
{
	struct found found = find_boards(s, index);
	size_t wanted = wanted_of(s, index, found.count);

	qsort(found.board, wanted, sizeof(*found.board), by_name);
	for (size_t i = 0; i < wanted; i++) {
		add_entry(to, &s->spec->runs[index], &s->checked[index], found.board[i]);
		if (too_many(s, index, to))
			break;
	}
	free(found.board);
}

static bool has_matrix(const struct job_spec *spec)
{
	for (size_t i = 0; i < spec->run_count; i++) {
		if (spec->runs[i].boards)
			return true;
	}
	return false;
}

void submit_expand(struct submit *s)
{
	struct job_spec *spec = s->spec;
	struct expansion to = {0};

	if (!has_matrix(spec))
		return;
	for (size_t i = 0; i < spec->run_count && s->problems->count == 0; i++) {
		if (spec->runs[i].boards)
			expand_entry(s, i, &to);
		else
			add_entry(&to, &spec->runs[i], &s->checked[i], NULL);
	}
	for (size_t i = 0; i < spec->run_count; i++)
		requirements_finish(&spec->runs[i].require);
	free(spec->runs);
	free(s->checked);
	spec->runs = to.runs;
	spec->run_count = to.count;
	s->checked = to.checked;
}
