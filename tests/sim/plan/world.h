/* SPDX-License-Identifier: Apache-2.0 */
/* A random farm around the plan, with a book of its own: who has which board, who waits for what. */
#ifndef ASSAY_TEST_SIM_PLAN_WORLD_H
#define ASSAY_TEST_SIM_PLAN_WORLD_H

#include "core/plan/plan.h"

#define MAX_POOLS   3
#define MAX_PLACES  6
#define MAX_BOARDS  24
#define MAX_ORGS    5
#define MAX_MEMBERS 12
#define MAX_ASKS    3
#define MAX_RUNS    12
#define MAX_QUOTAS  3
#define MAX_KINDS   4 /* of selectors of any board in a pool */

/* What a world is for; the laws it is held to differ. */
enum world_kind {
	WORLD_ROUGH,    /* everything happens: all laws but those of time */
	WORLD_CALM,     /* boards stay, nobody has limits: the bound on waiting */
	WORLD_FULL,     /* as calm, everybody always wants more of one kind of board: shares */
	WORLD_GANGS,    /* calm, with gangs: each begins within the longest limit of when its boards are kept */
	WORLD_PROMISES, /* as rough, but boards stay as they are: what is promised from a time on begins sharp */
	WORLD_KINDS
};

enum book_state { BOOK_NEW, BOOK_RESERVED, BOOK_WAITS, BOOK_RUNS, BOOK_ENDED };

struct world_job;

struct world_run {
	struct plan_run run;
	struct world_job *job;
	int ask;
	enum book_state state;
	struct world_board *board;
	int64_t started_us, end_us;  /* RUNS */
	int64_t since_us, latest_us; /* WAITS: since when, and when the plan said it starts at the latest; PLAN_NEVER */
	int64_t from_us;             /* RESERVED */
	bool is_late;                /* and that was told */
	bool must_yield;
	bool was_claimed; /* it had its turn before it had its board */
};

struct world_job {
	struct plan_job job;
	struct plan_ask ask[MAX_ASKS];
	struct plan_selector selector[MAX_ASKS];
	int asks;
	struct world_run run[MAX_RUNS];
	int runs;
	int waiting, running, reserved;
	bool is_cancelled;
	int64_t from_us;    /* held until then */
	int64_t claimed_us; /* a gang's boards are kept since; -1 */
	struct list link;
};

struct world_board {
	struct plan_board board;
	struct world_run *run;
};

struct world_org {
	struct plan_org org;
	int running;
	int64_t used_us;
};

struct world_counts {
	uint64_t steps, jobs, runs, placed, preempted, gangs, lent, explained, restarts, promised, refused, late,
		extended, limited;
	double tightest;   /* the largest part of a bound that was used up */
	double least_fair; /* Jain's index of the least fair full world */
};

struct world {
	uint64_t seed, dice;
	enum world_kind kind;
	struct plan_config config;
	struct plan *plan;
	struct plan_pool pool[MAX_POOLS];
	int pools;
	struct plan_selector selector[MAX_POOLS][MAX_KINDS];
	int kinds;
	struct plan_place place[MAX_PLACES];
	int places, hosts;
	int place_used[MAX_PLACES];
	struct plan_quota quota[MAX_QUOTAS];
	int quota_used[MAX_QUOTAS];
	struct world_board board[MAX_BOARDS];
	int boards;
	struct world_org org[MAX_ORGS];
	int orgs;
	struct plan_member member[MAX_MEMBERS];
	int members;
	struct list jobs;
	struct world_job
		*anchor;        /* a job of every member that asks for all there is and has no runs: all flows exist */
	struct world_job *gang; /* whose other runs must be placed next */
	int job_count;          /* but those that only make flows */
	int64_t now_us, order, limit_us;
	bool is_shaky; /* a full one that is restarted now and then */
	bool is_closing;
	struct world_counts counts;
};

/* reserve.c */
/* Asks for a board from some time on. */
void world_reserve(struct world *world, int64_t within_us);
void world_reserve_again(struct world *world, struct world_run *run);
void world_on_late(struct world *world, struct world_run *run);
/* A run that has a board is to have it for longer. */
void world_extend(struct world *world);
void world_give_up_reserved(struct world *world);

/* dice.c */
uint64_t dice_below(struct world *world, uint64_t below);
bool dice_chance(struct world *world, unsigned percent);

/* build.c */
struct world *world_create(uint64_t seed);
void world_destroy(struct world *world);
struct world_job *world_job_make(struct world *world, int member, int priority);
/* An ask with runs that wait. */
void world_ask_make(struct world *world, struct world_job *job, const struct plan_selector *selector, int64_t limit_us,
		    int runs);
/* Ended jobs leave. */
void world_job_drop(struct world *world, struct world_job *job);

/* events.c */
void world_run_on(struct world *world, uint64_t steps);
void world_run_wait(struct world *world, struct world_run *run);
/* Takes all decisions of the plan, and looks whether they are lawful. */
void world_decide(struct world *world);

/* laws.c: each ends the program when it is broken */
void law_broken(const struct world *world, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
void law_place(struct world *world, const struct world_run *run, const struct world_board *board);
/* Its limits and its boards' are more than those of time. */
bool world_is_rich(const struct world *world);
void law_preempt(const struct world *world, const struct world_run *run);
/* When the plan has nothing more to say. */
void law_quiet(struct world *world);
void law_shares(struct world *world);
bool board_fits(const struct world_run *run, const struct world_board *board);

#endif
