/* SPDX-License-Identifier: Apache-2.0 */
/* A small farm for the plan's tests: one type, two hosts, some organisations with a member each, and work to give. */
#ifndef ASSAY_TEST_SUPPORT_YARD_H
#define ASSAY_TEST_SUPPORT_YARD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/plan/plan.h"

#define YARD_BOARDS  24
#define YARD_MEMBERS 4
#define YARD_ASKS    8
#define YARD_RUNS    32
#define SECOND       INT64_C(1000000)
#define MINUTE       (60 * SECOND)

struct yard_job {
	struct plan_job job;
	struct plan_ask ask[YARD_ASKS];
	struct plan_run run[YARD_RUNS];
	int asks, runs;
	struct list link;
};

struct yard {
	struct plan *plan;
	struct plan_pool pool, other;
	struct plan_place host[2];
	struct plan_org org[YARD_MEMBERS];
	struct plan_member member[YARD_MEMBERS]; /* one an organisation */
	struct plan_board board[YARD_BOARDS];
	int boards;
	int64_t now_us, order;
	struct list jobs;
};

/* An aged flow goes up a band after 10 minutes; estimates are trusted. */
void yard_init(struct yard *yard, int boards);
void yard_finish(struct yard *yard);

/* A board of the pool on host 0, ready. */
struct plan_board *yard_board(struct yard *yard);

/* A job without runs, 1 minute estimated of 10 allowed. */
struct yard_job *yard_job(struct yard *yard, int member, int priority);
/* Another ask of it; NULL: any board of the pool. */
struct plan_ask *yard_ask(struct yard *yard, struct yard_job *job, const struct plan_selector *selector);
/* That many more runs of an ask. */
void yard_runs(struct yard *yard, struct yard_job *job, struct plan_ask *ask, int count);
/* A job of one ask for any board of the pool. */
struct yard_job *yard_submit(struct yard *yard, int member, int priority, int runs);

/* The next placement; NULL when there is none. */
struct plan_run *yard_next(struct yard *yard);
/* The run ends after so long. */
void yard_end(struct yard *yard, struct plan_run *run, int64_t used_us);
struct yard_job *yard_job_of(const struct plan_run *run);
int yard_member_of(const struct yard *yard, const struct plan_run *run);

#endif
