/* SPDX-License-Identifier: Apache-2.0 */
/* What waits, in the order of turns, each with why, and for how long. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"

struct waiting {
	const struct run *run;
	uint64_t before; /* of its member's own runs */
	struct plan_eta eta;
};

/* Runs that wait for the same boards are counted once, when they come after each other. */
struct counted {
	char org[ORG_MAX], board_type[FARM_NAME_MAX], wanted_board[FARM_NAME_MAX];
	struct census census;
};

/* The plan's clock as a stamp; null when the instant is not known. */
static json_t *stamp(const struct farm *farm, int64_t plan_us)
{
	return plan_us == PLAN_NEVER ? json_null() : json_integer(farm_unix(farm) + (plan_us - farm_now(farm)));
}

/* Reasons that lie with the boards are told by how many of them are in which state. */
static bool is_of_boards(enum plan_reason reason)
{
	switch (reason) {
	case PLAN_WHY_WAITS_FOR_JOB:
	case PLAN_WHY_NOT_BEFORE:
	case PLAN_WHY_WINDOW_CLOSED:
	case PLAN_WHY_DRAINING:
	case PLAN_WHY_JOB_PARALLEL:
	case PLAN_WHY_ORG_CAP:
	case PLAN_WHY_QUOTA:
	case PLAN_WHY_HUB_FULL:
	case PLAN_WHY_HOST_FULL:
	case PLAN_WHY_GANG:
		return false;
	default:
		return true;
	}
}

/* What is held back is not in the plan, and comes after everything that is. */
static struct plan_explanation explain(const struct farm *farm, const struct run *run, const struct board *board)
{
	if (run->held_back)
		return (struct plan_explanation){
			.reason = PLAN_WHY_TURN, .until_us = PLAN_NEVER, .before = farm->waiting};
	return plan_explain(farm->plan, &run->plan, board ? &board->plan : NULL, farm_now(farm));
}

static struct plan_eta eta_of(const struct farm *farm, const struct run *run)
{
	if (run->held_back)
		return PLAN_ETA_UNKNOWN(farm->waiting);
	return plan_eta(farm->plan, &run->plan, farm_now(farm));
}

static void count(const struct farm *farm, const struct run *run, struct counted *counted)
{
	const struct run_record *record = &run->record;

	if (strcmp(counted->board_type, record->board_type) == 0 && strcmp(counted->org, record->org) == 0 &&
	    strcmp(counted->wanted_board, record->wanted_board) == 0)
		return;
	mem_text_into(counted->org, sizeof(counted->org), record->org);
	mem_text_into(counted->board_type, sizeof(counted->board_type), record->board_type);
	mem_text_into(counted->wanted_board, sizeof(counted->wanted_board), record->wanted_board);
	counted->census = run_census(farm, run);
}

static void describe(const struct farm *farm, const struct run *run, enum plan_reason reason, struct counted *counted,
		     char *ret_text, size_t size)
{
	if (run->held_back) {
		const struct held_image_record *held = run_image_held(farm, run);

		(void)snprintf(ret_text, size, "its image %.12s is held: boards were out of action right after it",
			       held ? held->sha256 : run->record.image_sha256);
	} else if (farm_degraded(farm)) {
		(void)snprintf(ret_text, size, "nothing is given out: %s", farm->trouble.text);
	} else if (timing_describe(farm, run->job, ret_text, size)) {
		return;
	} else if (reason == PLAN_WHY_QUOTA) {
		trial_describe(farm, run, ret_text, size);
	} else if (is_of_boards(reason)) {
		count(farm, run, counted);
		census_describe(&counted->census, run, ret_text, size);
	} else {
		mem_text_into(ret_text, size, plan_reason_text(reason));
	}
}

static json_t *waiting_json(const struct farm *farm, const struct waiting *waiting, struct counted *counted)
{
	const struct run *run = waiting->run;
	struct plan_explanation why = explain(farm, run, NULL);
	json_t *object = json_object();
	char text[sizeof(farm->trouble.text) + 32];

	describe(farm, run, why.reason, counted, text, sizeof(text));
	json_put(&object, "run", json_integer(run->record.id));
	json_put(&object, "job", json_integer(run->record.job));
	json_put(&object, "name", json_text(run->job->record.name, sizeof(run->job->record.name)));
	json_put(&object, "priority", json_integer(run->job->record.priority));
	json_put(&object, "attempt", json_integer(run->record.attempt));
	json_put(&object, "board_type", json_string(run->record.board_type));
	json_put(&object, "board", json_string(run->record.wanted_board));
	json_put(&object, "queued_at_us", json_integer(run->record.queued_at_us));
	json_put(&object, "waits", json_text(text, sizeof(text)));
	json_put(&object, "reason", json_string(run->held_back ? "image-held" : plan_reason_word(why.reason)));
	json_put(&object, "position", json_integer((json_int_t)waiting->eta.position));
	json_put(&object, "expected_at_us", stamp(farm, waiting->eta.expected_us));
	json_put(&object, "expected_from_us", stamp(farm, waiting->eta.soonest_us));
	json_put(&object, "expected_to_us", stamp(farm, waiting->eta.slowest_us));
	json_put(&object, "latest_at_us", stamp(farm, waiting->eta.latest_us));
	return object;
}

static bool is_waiting(const struct run *run, const struct principal *who)
{
	return run->record.state == RUN_IS_QUEUED && !run->frozen && principal_sees(who, run->record.org);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* The urgent first, then the first of each, then the second of each; who came first among equals. */
static int by_turn(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	const struct job_record *first = &x->run->job->record, *second = &y->run->job->record;
	int order = (int)plan_band(second->priority) - (int)plan_band(first->priority);

	if (order == 0)
		order = compare_numbers(x->before, y->before);
	if (order == 0)
		order = second->priority - first->priority;
	return order ? order : compare_numbers((uint64_t)x->run->record.id, (uint64_t)y->run->record.id);
}

static int by_position(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	int order = compare_numbers(x->eta.position, y->eta.position);

	return order ? order : by_turn(a, b);
}

/* The first of what waits, as many as are wanted: a heap with the last of them on top. */
struct first {
	struct waiting *item;
	size_t count, limit;
};

static void sift_down(struct first *first, size_t at)
{
	for (;;) {
		size_t last = at;
		struct waiting item;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < first->count; child++)
			if (by_turn(&first->item[child], &first->item[last]) > 0)
				last = child;
		if (last == at)
			return;
		item = first->item[at];
		first->item[at] = first->item[last];
		first->item[last] = item;
		at = last;
	}
}

/* False: it comes behind as many as are wanted. */
static bool first_add(struct first *first, struct waiting item)
{
	if (first->count < first->limit) {
		size_t at = first->count++;

		first->item[at] = item;
		for (; at > 0 && by_turn(&first->item[at], &first->item[(at - 1) / 2]) > 0; at = (at - 1) / 2) {
			item = first->item[at];
			first->item[at] = first->item[(at - 1) / 2];
			first->item[(at - 1) / 2] = item;
		}
		return true;
	}
	if (first->limit == 0 || by_turn(&item, &first->item[0]) >= 0)
		return false;
	first->item[0] = item;
	sift_down(first, 0);
	return true;
}

#define NO_MORE UINT64_MAX

/* Adds what waits of a job. The plan tells of the first run of each entry of the job file how many go before it, the
 * others are counted from there: it would count anew for each. Behind the first of an entry that comes too late all do:
 * the work is bounded by what is shown, not by what waits. */
static void add_job(const struct farm *farm, const struct job *job, const struct principal *who, struct first *first)
{
	uint64_t *next = mem_alloc_array(job->spec->run_count, sizeof(*next)); /* + 1; 0: none yet */
	size_t open = job->spec->run_count;

	list_for_each (link, &job->runs) {
		const struct run *run = list_container(link, const struct run, job_link);
		uint64_t *at = &next[run->record.spec];

		if (*at == NO_MORE || !is_waiting(run, who))
			continue;
		if (*at == 0)
			*at = 1 + explain(farm, run, NULL).before;
		if (first_add(first, (struct waiting){.run = run, .before = (*at)++ - 1}))
			continue;
		*at = NO_MORE;
		if (--open == 0)
			break;
	}
	free(next);
}

/* The position is dear, so it is asked for those that are shown only. */
json_t *farm_queue_json(const struct farm *farm, const struct principal *who, size_t limit)
{
	struct first first = {.limit = limit < farm->waiting ? limit : farm->waiting};
	struct counted counted = {.org = ""};
	json_t *array = json_array();

	const bool holds_back = map_next(&farm->images, NULL) != NULL;

	first.item = mem_alloc_array(first.limit + 1, sizeof(*first.item));
	for (struct map_node *node = map_next(&farm->jobs, NULL); node; node = map_next(&farm->jobs, node)) {
		const struct job *job = map_container(node, struct job, node);

		if ((job->plan.waiting > 0 || (holds_back && job->open_runs > 0)) &&
		    principal_sees(who, job->record.org))
			add_job(farm, job, who, &first);
	}
	for (size_t i = 0; i < first.count; i++)
		first.item[i].eta = eta_of(farm, first.item[i].run);
	qsort(first.item, first.count, sizeof(*first.item), by_position);
	for (size_t i = 0; i < first.count; i++)
		json_push(&array, waiting_json(farm, &first.item[i], &counted));
	free(first.item);
	return array;
}

/* --- one of them, board by board --- */

/* Of one that takes nothing new also who said so. */
static json_t *why_of_board(const struct run *run, const struct board *board, enum plan_reason reason)
{
	const struct drain_record *drain = reason == PLAN_WHY_DRAINING ? board_drain(board) : NULL;
	const struct job *job = run->job;
	char text[FARM_TEXT_MAX + PRINCIPAL_MAX + 80];

	if (!drain)
		board_lack(board, &job->spec->runs[run->record.spec], job->record.kind, reason, text, sizeof(text));
	else
		(void)snprintf(text, sizeof(text), "its %s takes nothing new: drained by %s%s%s",
			       board->agent->drain ? "host" : "hub", drain->by, drain->why[0] ? ", " : "", drain->why);
	return json_text(text, sizeof(text));
}

static json_t *board_reason_json(const struct farm *farm, const struct run *run, const struct board *board)
{
	struct plan_explanation why = explain(farm, run, board);
	json_t *object = json_object();

	json_put(&object, "board", json_string(board->record.name));
	json_put(&object, "state", json_string(board_state_name(board->record.state)));
	json_put(&object, "reason", json_string(run->held_back ? "image-held" : plan_reason_word(why.reason)));
	json_put(&object, "why", why_of_board(run, board, why.reason));
	json_put(&object, "until_us", stamp(farm, why.until_us));
	return object;
}

json_t *farm_waiting_json(const struct farm *farm, const struct principal *who, int64_t id)
{
	const struct run *run = run_find(farm, id);
	struct waiting waiting = {.run = run};
	struct counted counted = {.org = ""};
	const struct pool *pool;
	json_t *object, *boards;

	if (!run || !is_waiting(run, who))
		return NULL;
	waiting.eta = eta_of(farm, run);
	object = waiting_json(farm, &waiting, &counted);
	boards = json_array();
	pool = list_container(run_selector(farm, run).pool, const struct pool, plan);
	list_for_each (link, &pool->boards) {
		const struct board *board = list_container(link, const struct board, pool_link);

		if (principal_sees_shared(who, board->record.org))
			json_push(&boards, board_reason_json(farm, run, board));
	}
	json_put(&object, "boards", boards);
	return object;
}
