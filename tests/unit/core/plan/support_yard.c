/* SPDX-License-Identifier: Apache-2.0 */
/* The small farm. */
#include "support_yard.h"

#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

void yard_init(struct yard *yard, int boards)
{
	struct plan_config config = {
		.age_us = 10 * MINUTE, .window_us = 60 * MINUTE, .patience_us = 30 * SECOND, .trust = 10};

	memset(yard, 0, sizeof(*yard));
	list_init(&yard->jobs);
	yard->plan = plan_create(&config);
	plan_pool_add(yard->plan, &yard->pool);
	plan_pool_add(yard->plan, &yard->other);
	plan_place_add(yard->plan, &yard->host[0]);
	plan_place_add(yard->plan, &yard->host[1]);
	for (int i = 0; i < YARD_MEMBERS; i++) {
		yard->org[i].weight = 100;
		plan_org_add(yard->plan, &yard->org[i]);
		yard->member[i] = (struct plan_member){.org = &yard->org[i], .weight = 100};
		plan_member_add(yard->plan, &yard->member[i]);
	}
	for (int i = 0; i < boards; i++)
		(void)yard_board(yard);
}

void yard_finish(struct yard *yard)
{
	plan_destroy(yard->plan);
	list_for_each_safe (link, &yard->jobs)
		free(list_container(link, struct yard_job, link));
}

struct plan_board *yard_board(struct yard *yard)
{
	struct plan_board *board = &yard->board[yard->boards++];

	board->pool = &yard->pool;
	board->place = &yard->host[0];
	assert_int_equal(plan_board_add(yard->plan, board), 0);
	plan_board_set_state(yard->plan, board, PLAN_BOARD_READY);
	return board;
}

struct yard_job *yard_job(struct yard *yard, int member, int priority)
{
	struct yard_job *job = mem_alloc(sizeof(*job));

	list_append(&yard->jobs, &job->link);
	job->job.member = &yard->member[member];
	job->job.priority = priority;
	job->job.order = ++yard->order;
	plan_job_add(yard->plan, &job->job);
	return job;
}

struct plan_ask *yard_ask(struct yard *yard, struct yard_job *job, const struct plan_selector *selector)
{
	struct plan_selector any = {.pool = &yard->pool};
	struct plan_ask *ask = &job->ask[job->asks++];

	ask->job = &job->job;
	ask->estimate_us = MINUTE;
	ask->limit_us = 10 * MINUTE;
	assert_int_equal(plan_ask_add(yard->plan, ask, selector ? selector : &any), 0);
	return ask;
}

void yard_runs(struct yard *yard, struct yard_job *job, struct plan_ask *ask, int count)
{
	for (int i = 0; i < count; i++) {
		struct plan_run *run = &job->run[job->runs++];

		run->order = job->runs;
		assert_int_equal(plan_run_add(yard->plan, run, ask, yard->now_us), 0);
	}
}

struct yard_job *yard_submit(struct yard *yard, int member, int priority, int runs)
{
	struct yard_job *job = yard_job(yard, member, priority);

	yard_runs(yard, job, yard_ask(yard, job, NULL), runs);
	return job;
}

struct plan_run *yard_next(struct yard *yard)
{
	struct plan_action action = plan_next(yard->plan, yard->now_us);

	if (action.kind == PLAN_NOTHING)
		return NULL;
	assert_int_equal(action.kind, PLAN_PLACE);
	assert_ptr_equal(action.run->board, action.board);
	assert_ptr_equal(action.board->run, action.run);
	return action.run;
}

void yard_end(struct yard *yard, struct plan_run *run, int64_t used_us)
{
	yard->now_us = run->started_us + used_us;
	plan_run_end(yard->plan, run, yard->now_us, true);
}

struct yard_job *yard_job_of(const struct plan_run *run)
{
	return list_container(run->ask->job, struct yard_job, job);
}

int yard_member_of(const struct yard *yard, const struct plan_run *run)
{
	return (int)(run->ask->job->member - yard->member);
}
