/* SPDX-License-Identifier: Apache-2.0 */
/* A run's life: queued -> assigned -> running -> finished, with the ways back and out. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"

#define MAY(state) (1u << RUN_IS_##state)
static const unsigned may_follow[] = {
	[RUN_IS_QUEUED] = MAY(ASSIGNED) | MAY(FINISHED),
	[RUN_IS_ASSIGNED] = MAY(RUNNING) | MAY(QUEUED) | MAY(FINISHED),
	[RUN_IS_RUNNING] = MAY(FINISHED),
	[RUN_IS_FINISHED] = 0,
};

struct run *run_find(const struct farm *farm, int64_t id)
{
	struct map_node *node = map_first(&farm->runs, map_hash_int(id));

	return node ? map_container(node, struct run, node) : NULL; /* map_hash_int never maps two to one */
}

struct run *run_add(struct farm *farm, struct job *job, const struct run_record *record)
{
	struct run *run = mem_alloc(sizeof(*run));

	(void)pool_get(farm, record->board_type); /* where it is looked for */
	run->record = *record;
	run->record.asked = NULL;
	run->job = job;
	run->limit_us = run->cancel_us = NEVER_US;
	list_init(&run->lease_link);
	list_init(&run->ack_link);
	list_append(&job->runs, &run->job_link);
	if (record->state != RUN_IS_FINISHED)
		job->open_runs++;
	map_add(&farm->runs, &run->node, map_hash_int(record->id));
	return run;
}

void run_destroy(struct run *run)
{
	if (!run)
		return;
	list_remove(&run->job_link);
	list_remove(&run->lease_link);
	list_remove(&run->ack_link);
	run_forget_asked(run);
	free(run);
}

void run_keep(struct farm *farm, const struct run *run)
{
	*(struct run_record *)change_add(farm->open, RECORD_RUN) = run->record;
}

void run_keep_progress(struct farm *farm, const struct run *run)
{
	*(struct progress_record *)change_add(farm->open, RECORD_PROGRESS) =
		(struct progress_record){.run = run->record.id,
					 .have = run->record.have,
					 .console_bytes = run->record.console_bytes,
					 .console_dropped = run->record.console_dropped};
}

void run_enter(struct run *run, enum run_state state)
{
	assert(may_follow[run->record.state] & (1u << state));
	run->record.state = state;
	if (state == RUN_IS_QUEUED || state == RUN_IS_FINISHED) {
		run->limit_us = run->cancel_us = NEVER_US;
		run->assign_sent = run->assign_queued = run->cancel_sent = run->seen = run->yields = false;
	}
	if (state != RUN_IS_ASSIGNED)
		run_forget_asked(run);
}

const struct end_rule *run_end_rule(const struct run *run)
{
	return &run->job->spec->runs[run->record.spec].end;
}

static struct board *wanted_board(const struct farm *farm, const struct run *run)
{
	return run->record.wanted_board[0] ? board_find(farm, run->record.wanted_board) : NULL;
}

static void count_waiting(struct farm *farm, const struct run *run, int more)
{
	struct board *wanted = wanted_board(farm, run);

	farm->waiting += (size_t)more;
	if (wanted)
		wanted->waiting += (size_t)more;
}

void run_queue(struct farm *farm, struct run *run)
{
	run->held_back = run_image_held(farm, run) != NULL;
	if (!run->held_back)
		run_plan(farm, run);
	count_waiting(farm, run, 1);
}

void run_unqueue(struct farm *farm, struct run *run)
{
	if (!run->held_back)
		plan_run_withdraw(farm->plan, &run->plan, farm_now(farm));
	count_waiting(farm, run, -1);
}

void run_assign(struct farm *farm, struct run *run, struct board *board)
{
	count_waiting(farm, run, -1);
	run_enter(run, RUN_IS_ASSIGNED);
	lease_open(farm, board, run);
	run_ask(farm, run);
	event_run(farm, EVENT_RUN_ASSIGNED, run);
	board_update(farm, board); /* from idle to running, so its record with the new fence is kept */
	outbox_assign(farm, run);
}

void run_assign_now(struct farm *farm, struct run *run, struct board *board)
{
	run_plan_now(farm, run, board);
	count_waiting(farm, run, 1);
	run_assign(farm, run, board);
	board_keep(farm, board); /* its state is the same as before, its fence is not */
}

void run_started(struct farm *farm, struct run *run)
{
	run_enter(run, RUN_IS_RUNNING);
	run->record.started_at_us = farm_unix(farm);
	run->failing_known = true;
	if (run->board->record.busy) {
		run->board->record.busy = 0;
		board_keep(farm, run->board);
	}
	trial_look(farm, run->board);
	plan_board_set_image(farm->plan, &run->board->plan, 0); /* until it ends */
	event_run(farm, EVENT_RUN_STARTED, run);
	job_run_started(farm, run->job);
}

void run_give_back(struct farm *farm, struct run *run)
{
	lease_close(farm, run);
	run_enter(run, RUN_IS_QUEUED);
	run->record.board[0] = run->record.agent[0] = '\0';
	run->record.fence = 0;
	run->record.assigned_at_us = 0;
	run_keep(farm, run);
	event_run(farm, EVENT_RUN_QUEUED, run);
	run_queue(farm, run);
	if (job_is_late(farm, run->job))
		timing_look(farm, run->job); /* it was looked at when this run had a board */
}

void run_cancel(struct farm *farm, struct run *run, const char *reason)
{
	if (run->record.state == RUN_IS_FINISHED || run->frozen)
		return;
	if (run->record.state == RUN_IS_QUEUED || (run->record.state == RUN_IS_ASSIGNED && !run->assign_sent)) {
		run_finish(farm, run, CAUSE_CANCELLED, reason, false);
		return;
	}
	if (run->cancel_us != NEVER_US)
		return;
	run->cancel_us = farm_now(farm) + 1000 * farm->config.cancel_grace_ms;
	farm_due(farm, run->cancel_us);
	outbox_cancel(farm, run, reason);
}

void run_preempt(struct farm *farm, struct run *run)
{
	static const char reason[] = "its board is needed for a job of a higher band";
	struct board *board = run->board;

	if (run->record.state == RUN_IS_FINISHED || run->frozen || run->yields || !run->board)
		return;
	log_info(run->record.board, "run %lld gives its board to a run of a higher band", (long long)run->record.id);
	run->yields = true;
	if (run->record.state == RUN_IS_ASSIGNED && !run->assign_sent) {
		run_give_back(farm, run);
		board_update(farm, board); /* or it would remember no new number when it is leased in the same change */
	} else if (run->cancel_us == NEVER_US) {
		run->cancel_us = farm_now(farm) + 1000 * farm->config.cancel_grace_ms;
		farm_due(farm, run->cancel_us);
		outbox_cancel(farm, run, reason);
	}
	if (!run->job->spec->together)
		return;
	list_for_each_safe (link, &run->job->runs)
		run_preempt(farm, list_container(link, struct run, job_link));
}

uint32_t run_tries(const struct run *run)
{
	uint32_t tries = 0;

	if (run->record.attempt == 1)
		return 1;
	list_for_each (link, &run->job->runs) {
		const struct run *other = list_container(link, struct run, job_link);

		tries += other->record.index == run->record.index && other->record.attempt <= run->record.attempt &&
			 (other == run || other->record.cause != CAUSE_PREEMPTED);
	}
	return tries;
}

/* A further attempt is a new row for the same place in the job. */
void run_retry(struct farm *farm, struct run *run)
{
	struct run_record record = run->record;
	struct run *next;

	record.id = ++farm->last_run;
	record.attempt++;
	record.state = RUN_IS_QUEUED;
	record.verdict = RUN_NONE;
	record.cause = CAUSE_NONE;
	record.text[0] = record.board[0] = record.agent[0] = record.core[0] = record.console_sha256[0] = '\0';
	record.fence = record.cases_total = record.have = 0;
	record.rejected = 0;
	record.console_bytes = record.console_dropped = 0;
	memset(&record.counts, 0, sizeof(record.counts));
	record.assigned_at_us = record.started_at_us = record.finished_at_us = 0;
	record.queued_at_us = farm_unix(farm);
	next = run_add(farm, run->job, &record);
	if (run->record.board[0]) {
		struct board *lost = board_find(farm, run->record.board);

		next->plan.avoid = lost ? &lost->plan : NULL;
	}
	run_keep(farm, next);
	event_run(farm, EVENT_RUN_QUEUED, next);
	run_queue(farm, next);
}

/* Only a person can help: every board it could get is quarantined. One that is offline may come back. */
static bool only_quarantined(const struct farm *farm, const struct run *run)
{
	struct census census = run_census(farm, run);

	return census.quarantined &&
	       !(census.free + census.leased + census.running + census.recovering + census.suspect + census.offline);
}

/* The one board it asks for was retired: nobody brings it back. */
static bool wants_retired(const struct farm *farm, const struct run *run)
{
	const struct board *board = run->record.wanted_board[0] ? board_find(farm, run->record.wanted_board) : NULL;

	return board && board->record.state == BOARD_RETIRED;
}

static const struct run *attempt_before(const struct run *run)
{
	list_for_each (link, &run->job->runs) {
		const struct run *other = list_container(link, struct run, job_link);

		if (other->record.index == run->record.index && other->record.attempt + 1 == run->record.attempt)
			return other;
	}
	return NULL;
}

/* Nobody waits for a further attempt, or for a night that later nights wait for. */
static bool may_give_up(const struct run *run)
{
	return run->record.attempt > 1 || run->job->record.night;
}

static struct run *hopeless_run(struct farm *farm)
{
	for (struct map_node *node = map_next(&farm->runs, NULL); node; node = map_next(&farm->runs, node)) {
		struct run *run = map_container(node, struct run, node);

		if (run->record.state == RUN_IS_QUEUED && !run->frozen &&
		    (wants_retired(farm, run) || (may_give_up(run) && only_quarantined(farm, run))))
			return run;
	}
	return NULL;
}

void run_end_hopeless(struct farm *farm)
{
	struct run *run;
	char text[FARM_TEXT_MAX];

	while ((run = hopeless_run(farm))) {
		const struct run *before = attempt_before(run);

		if (wants_retired(farm, run))
			snprintf(text, sizeof(text), "board %s was retired before it could be had",
				 run->record.wanted_board);
		else if (before)
			snprintf(text, sizeof(text),
				 "not tried again, every board for it is quarantined; the attempt before: %.200s",
				 before->record.text);
		else
			snprintf(text, sizeof(text), "every board for it is quarantined");
		run_finish(farm, run, before ? before->record.cause : CAUSE_BOARD_LOST, text, false);
	}
}

/* A step that had begun when the run was taken away has no end of its own. */
static void close_step(struct farm *farm, struct run *run, const char *text)
{
	struct step_record *record;

	if (!run->step_open)
		return;
	run->step_open = false;
	run->step.ended = true;
	run->step.cause = run->record.cause;
	record = change_add(farm->open, RECORD_STEP);
	*record = run->step;
	record->text = change_line(farm->open, text);
	event_step(farm, EVENT_STEP_ENDED, run, record, 0);
}

bool run_wants_retry(const struct farm *farm, const struct run *run)
{
	if (run->job->record.cancel_wanted || job_is_late(farm, run->job))
		return false;
	/* A person who had a board is not handed another one. */
	if (run->job->hold && run->job->hold->record.granted_at_us)
		return false;
	if (run->record.cause == CAUSE_PREEMPTED)
		return run->record.assigned_at_us != 0; /* else it ended as the attempt before it did */
	if (run_image_held(farm, run))
		return false;
	return run->record.verdict == RUN_INFRASTRUCTURE && run_tries(run) <= run->job->record.retries &&
	       !only_quarantined(farm, run) && !wants_retired(farm, run);
}

/* The farm took it away: whoever still drives the board under the old number is out of date. */
static void take_away(struct farm *farm, struct run *run)
{
	struct board *board = run->board;

	if (run->assign_sent)
		outbox_stale(farm, run->record.agent, run->record.id, run->record.fence);
	lease_close(farm, run);
	lease_fence_off(farm, board, 1);
	board_update(farm, board);
}

void run_finish(struct farm *farm, struct run *run, enum cause cause, const char *text, bool by_agent)
{
	struct board *board = run->board;

	if (run->record.state == RUN_IS_QUEUED)
		run_unqueue(farm, run);
	run->record.cause = cause;
	run->record.verdict = cause_verdict(cause);
	mem_text_into(run->record.text, sizeof(run->record.text), text);
	run->record.finished_at_us = farm_unix(farm);
	run->ended_by_agent = by_agent;
	close_step(farm, run, text);
	if (board && !by_agent)
		take_away(farm, run);
	else if (board)
		lease_close(farm, run);
	run_enter(run, RUN_IS_FINISHED);
	run_keep(farm, run);
	event_run(farm, EVENT_RUN_FINISHED, run);
	if (board && by_agent) {
		/* it ended by itself, so the agent is done with the board unless it says more than "running" */
		run_plan_done(farm, run);
		if (board->agent_state == BOARD_RUNNING)
			board_says(board, BOARD_FREE, "");
	}
	if (board) {
		board_run_ended(farm, run, board);
		board_plan_image(farm, board);
		board_update(farm, board);
		diagnosis_begin(farm, run, board);
	}
	/* Only now: what the board's state ends, another run of the job perhaps, must not end the job before a retry of
	 * this one is there. */
	run->job->open_runs--;
	if (!run->job->spec->together && run_wants_retry(farm, run))
		run_retry(farm, run);
	job_run_finished(farm, run->job);
}

/* --- limits --- */

int64_t run_limit_us(const struct farm *farm, const struct run *run)
{
	if (run->job->hold)
		return hold_limit_us(farm, run);
	return farm_now(farm) + 1000 * (run_end_rule(run)->limit_ms + farm->config.run_slack_ms);
}

static int64_t grace_end_us(const struct farm *farm, const struct run *run)
{
	const struct agent *agent = run->board->agent;

	return agent->record.online ? NEVER_US : agent->gone_us + 1000 * farm->config.agent_grace_ms;
}

int64_t run_due_us(const struct farm *farm, const struct run *run)
{
	int64_t due = run->frozen ? NEVER_US : grace_end_us(farm, run);

	if (run->frozen)
		return due;
	if (run->board->agent->record.online) {
		due = trial_due_us(run) < due ? trial_due_us(run) : due;
		due = run->cancel_us < due ? run->cancel_us : due;
		due = run->limit_us < due ? run->limit_us : due;
	}
	return due;
}

static void give_up(struct farm *farm, struct run *run, const char *text)
{
	bool cancelled = run->job->record.cancel_wanted;

	log_warn(run->record.agent, "run %lld: %s", (long long)run->record.id, text);
	run_finish(farm, run, cancelled ? CAUSE_CANCELLED : CAUSE_AGENT_LOST, text, false);
}

void run_tick(struct farm *farm, struct run *run)
{
	int64_t now = farm_now(farm);

	if (run->frozen)
		return;
	if (now >= grace_end_us(farm, run)) {
		give_up(farm, run, "its agent did not come back");
		return;
	}
	if (!run->board->agent->record.online)
		return;
	trial_look(farm, run->board);
	if (now >= run->cancel_us) {
		give_up(farm, run, "its agent did not end it when told to");
		return;
	}
	if (now >= run->limit_us) {
		run->limit_us = NEVER_US;
		run->overdue = true;
		run_cancel(farm, run, "it passed all its limits");
	}
}
