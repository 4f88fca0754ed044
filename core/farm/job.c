/* SPDX-License-Identifier: Apache-2.0 */
/* A job: the sum of its runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/planning.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_night.h"
#include "core/farm/state_run.h"

struct job *job_find(const struct farm *farm, int64_t id)
{
	struct map_node *node = map_first(&farm->jobs, map_hash_int(id));

	return node ? map_container(node, struct job, node) : NULL;
}

struct job *job_add(struct farm *farm, const struct job_record *record, struct job_spec *spec)
{
	struct job *job = mem_alloc(sizeof(*job));

	job->record = *record;
	job->record.spec = NULL;
	job->spec = spec;
	list_init(&job->runs);
	list_init(&job->timed_link);
	list_init(&job->dependents);
	job_plan(farm, job);
	timing_begin(farm, job);
	map_add(&farm->jobs, &job->node, map_hash_int(record->id));
	return job;
}

void job_destroy(struct job *job)
{
	if (!job)
		return;
	timing_end(job);
	job_spec_destroy(job->spec);
	hold_destroy(job->hold);
	free(job->asks);
	free(job->why_cancelled);
	free(job->diagnosis);
	free(job);
}

void job_keep(struct farm *farm, const struct job *job)
{
	*(struct job_record *)change_add(farm->open, RECORD_JOB) = job->record;
}

void job_forget(struct farm *farm, struct job *job)
{
	if (!job)
		return;
	list_for_each_safe (link, &job->runs) {
		struct run *run = list_container(link, struct run, job_link);

		map_remove(&farm->runs, &run->node);
		run_destroy(run);
	}
	map_remove(&farm->jobs, &job->node);
	job_destroy(job);
}

void job_run_started(struct farm *farm, struct job *job)
{
	if (job->record.state != JOB_QUEUED)
		return;
	job->record.state = JOB_RUNNING;
	job_keep(farm, job);
}

/* The last attempt of each index; attempts come after each other in the list. */
static size_t last_attempts(const struct job *job, struct run **ret_runs, size_t max)
{
	size_t count = 0;

	memset(ret_runs, 0, max * sizeof(struct run *));
	list_for_each (link, &job->runs) {
		struct run *run = list_container(link, struct run, job_link);

		if (run->record.index >= max)
			continue;
		ret_runs[run->record.index] = run;
		if (run->record.index >= count)
			count = run->record.index + 1;
	}
	return count;
}

/* The weakest way in which one of the runs passed: on a further attempt, under a waiver, as it was expected to fail. */
static enum cause cause_of_passed(struct run *const *runs, size_t count)
{
	bool waived = false, expected = false;

	for (size_t i = 0; i < count; i++) {
		if (run_tries(runs[i]) > 1)
			return CAUSE_PASSED_ON_RETRY;
		waived |= runs[i]->record.cause == CAUSE_PASSED_WAIVED;
		expected |= runs[i]->record.cause == CAUSE_PASSED_EXPECTED;
	}
	return waived ? CAUSE_PASSED_WAIVED : expected ? CAUSE_PASSED_EXPECTED : CAUSE_ALL_REQUIRED_SEEN;
}

/* "2 of 3 runs passed, 1 on a further attempt; run 7 on mb1: Flash.erase failed …" */
static void tell(struct job *job, struct run *const *runs, size_t count)
{
	char *text = job->record.text;
	const size_t size = sizeof(job->record.text);
	size_t passed = 0, again = 0, waived = 0, used;
	const struct run *worst = NULL;

	for (size_t i = 0; i < count; i++) {
		if (runs[i]->record.verdict == RUN_PASSED) {
			passed++;
			again += run_tries(runs[i]) > 1;
			waived += runs[i]->record.cause == CAUSE_PASSED_WAIVED;
		} else if (!worst && runs[i]->record.verdict == job->record.verdict) {
			worst = runs[i];
		}
	}
	job->record.cause = worst ? worst->record.cause : cause_of_passed(runs, count);
	if (job->hold) { /* nothing of it passed or failed */
		job->record.cause = runs[count - 1]->record.cause;
		mem_text_into(text, size, runs[count - 1]->record.text);
		return;
	}
	used = (size_t)snprintf(text, size, "%zu of %zu runs passed", passed, count);
	if (again && used < size)
		used += (size_t)snprintf(text + used, size - used, ", %zu on a further attempt", again);
	if (waived && used < size)
		used += (size_t)snprintf(text + used, size - used, ", %zu with what waivers cover", waived);
	if (worst && used < size) {
		char whole[2 * FARM_TEXT_MAX];

		(void)snprintf(whole, sizeof(whole), "; run %lld%s%s: %s", (long long)worst->record.id,
			       worst->record.board[0] ? " on " : "", worst->record.board, worst->record.text);
		mem_text_into(text + used, size - used, whole);
	}
}

/* What belongs together is tried again together, once all of it has ended; not without one whose image is held. */
static bool retry_together(struct farm *farm, const struct job *job, struct run *const *last, size_t count)
{
	bool wanted = false;

	for (size_t i = 0; job->spec->together && i < count; i++) {
		if (run_image_held(farm, last[i]))
			return false;
		wanted |= run_wants_retry(farm, last[i]);
	}
	for (size_t i = 0; wanted && i < count; i++)
		run_retry(farm, last[i]);
	return wanted;
}

static void conclude(struct farm *farm, struct job *job, struct run *const *last, size_t count)
{
	enum run_verdict *verdicts = mem_alloc_array(count, sizeof(*verdicts));

	for (size_t i = 0; i < count; i++)
		verdicts[i] = last[i]->record.verdict;
	job->record.verdict = run_verdict_combine(verdicts, count);
	free(verdicts);
	tell(job, last, count);
	diagnosis_end(farm, job);
	job_unplan(farm, job);
	list_remove(&job->timed_link);
	job->record.state = JOB_FINISHED;
	job->record.finished_at_us = farm_unix(farm);
	job_keep(farm, job);
	if (job->hold)
		hold_over(farm, job->hold);
	event_job(farm, EVENT_JOB_FINISHED, job);
	outbox_forget_job(farm, job->record.id);
	timing_job_over(farm, job);
	night_job_finished(farm, job->record.night);
}

void job_run_finished(struct farm *farm, struct job *job)
{
	struct run **last;
	size_t count;

	if (job->open_runs > 0 || job->record.state == JOB_FINISHED)
		return;
	last = mem_alloc_array(SPEC_MAX_RUNS, sizeof(struct run *));
	count = last_attempts(job, last, SPEC_MAX_RUNS);
	if (!retry_together(farm, job, last, count))
		conclude(farm, job, last, count);
	free(last);
}

void job_cancel(struct farm *farm, struct job *job, const char *reason)
{
	if (!job->record.cancel_wanted) {
		job->record.cancel_wanted = true;
		job->why_cancelled = mem_text(reason);
		event_job(farm, EVENT_JOB_CANCELLED, job);
	}
	job_keep(farm, job);
	list_for_each_safe (link, &job->runs)
		run_cancel(farm, list_container(link, struct run, job_link), reason);
}

int farm_cancel_job(struct farm *farm, const struct principal *who, int64_t id, const char *reason, on_done_fn on_done,
		    void *context, struct err *err)
{
	struct job *job = job_find(farm, id);

	if (!job || !principal_sees(who, job->record.org) || job->record.state == JOB_FINISHED)
		return err_set(err, ERR_NOT_FOUND, "there is no open job %lld", (long long)id);
	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not cancel jobs", role_name(who->role));
	farm_enter(farm);
	job_cancel(farm, job, reason && reason[0] ? reason : "cancelled");
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}
