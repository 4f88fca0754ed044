/* SPDX-License-Identifier: Apache-2.0 */
/* A job as its events tell it: which runs it has, where each stands, how it ended. Pure: fed with events in order,
 * looked at by whoever shows it. */
#ifndef ASSAY_CLI_FOLLOW_H
#define ASSAY_CLI_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define FOLLOW_MAX_RUNS 8192

struct follow_run {
	int64_t id;
	int64_t attempt;
	char board[64];
	char type[64];
	char state[16];   /* queued, assigned, running, finished */
	char verdict[20]; /* "" while open */
	char text[400];
	char step[64];                  /* the one under way, or the last */
	unsigned steps_done;            /* forward ones, since the run began */
	unsigned passed, failed, other; /* cases so far */
	int64_t queued_at_us, started_at_us, finished_at_us, step_at_us;
};

/* init/finish. */
struct follow {
	int64_t job;
	char name[128];
	char verdict[20]; /* "" until the job finished */
	char text[400];
	struct follow_run *runs;    /* in the order they came up */
	size_t run_count, run_room; /* of FOLLOW_MAX_RUNS at most */
	bool cancel_wanted;
	bool finished;
	int64_t skew_us; /* the farm's clock is about this much behind ours; from the fastest event */
	bool skew_known;
};

void follow_init(struct follow *follow, int64_t job);
void follow_finish(struct follow *follow);

/* Takes one event of the job; now_us is our wall clock. Returns 0, or ERR_NOMEM or ERR_TOO_BIG. */
int follow_apply(struct follow *follow, const json_t *event, int64_t now_us);

/* What the farm's clock shows when ours shows now_us. */
int64_t follow_farm_time(const struct follow *follow, int64_t now_us);

/* Runs by state word ("finished") or, with verdict, by verdict. */
size_t follow_count(const struct follow *follow, const char *state, const char *verdict);

#endif
