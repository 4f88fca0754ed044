/* SPDX-License-Identifier: Apache-2.0 */
/* When a job's runs may start: its hours, its last hour, and the jobs it waits for.
 *
 * Happy path: submitted -> held while jobs it waits for are open, or its time has not come -> the plan is told from
 * when until when its runs may start; at the end of a window, of the next one.
 * Ways it goes otherwise:
 *   a job that had to pass ended otherwise   what waits of this one ends cancelled/dependency, in the same change: so
 *                                            after a restart a job that is no longer open was good enough
 *   its deadline is there                    what waits ends cancelled/deadline; what has its board goes on
 *   the clock is set                         looked at again after TIMING_LOOK_US at the latest
 *   its zone is gone after a restart         its window counts in UTC, and the log says so
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"

#define TIMING_LOOK_US INT64_C(600000000)

static struct job *job_of(struct list *link)
{
	return list_container(link, struct job, timed_link);
}

bool job_is_late(const struct farm *farm, const struct job *job)
{
	return job->terms.deadline_us != INT64_MAX && farm_unix(farm) >= job->terms.deadline_us;
}

/* From when until when runs may start next, unix time. */
static void next_span(const struct job *job, int64_t unix_us, int64_t *ret_from_us, int64_t *ret_until_us)
{
	const struct job_terms *terms = &job->terms;
	int64_t from_us = terms->not_before_us > unix_us ? terms->not_before_us : unix_us;
	struct calendar_span span = {from_us, INT64_MAX};

	if (terms->has_window && !calendar_window_at(&terms->window, from_us, &span))
		span.from_us = INT64_MAX; /* no longer open within a year */
	*ret_from_us = span.from_us > from_us ? span.from_us : from_us;
	*ret_until_us = span.until_us < terms->deadline_us ? span.until_us : terms->deadline_us;
}

/* On the plan's clock. */
static int64_t planned(const struct farm *farm, int64_t at_us)
{
	return at_us == INT64_MAX ? PLAN_NEVER : farm_now(farm) + (at_us - farm_unix(farm));
}

static void end_waiting(struct farm *farm, struct job *job, enum cause cause, const char *text)
{
	/* The last of them may end the job, which stays in memory until that is durable. */
	list_for_each_safe (link, &job->runs) {
		struct run *run = list_container(link, struct run, job_link);

		if (run->record.state == RUN_IS_QUEUED && !run->frozen)
			run_finish(farm, run, cause, text, false);
	}
}

static void timing_set(struct farm *farm, struct job *job)
{
	int64_t now = farm_now(farm), from_us, until_us, look;

	job->look_us = now + TIMING_LOOK_US;
	if (job->waits_for > 0) {
		plan_job_set_window(farm->plan, &job->plan, PLAN_NEVER, PLAN_NEVER, now);
		look = planned(farm, job->terms.deadline_us);
	} else {
		next_span(job, farm_unix(farm), &from_us, &until_us);
		/* PLAN_NEVER from is for who waits for a job */
		from_us = from_us == INT64_MAX ? farm_unix(farm) + 2 * TIMING_LOOK_US : from_us;
		plan_job_set_window(farm->plan, &job->plan, planned(farm, from_us), planned(farm, until_us), now);
		look = planned(farm, until_us);
	}
	if (look < job->look_us)
		job->look_us = look;
	farm_due(farm, job->look_us);
}

void timing_look(struct farm *farm, struct job *job)
{
	char when[SPEC_INSTANT_MAX], text[FARM_TEXT_MAX];

	if (job->record.state == JOB_FINISHED)
		return;
	if (!job_is_late(farm, job)) {
		timing_set(farm, job);
		return;
	}
	list_remove(&job->timed_link);
	instant_format(job->terms.deadline_us, when, sizeof(when));
	(void)snprintf(text, sizeof(text), "not started before the job's deadline, %s", when);
	end_waiting(farm, job, CAUSE_DEADLINE, text);
}

void timing_tick(struct farm *farm)
{
	int64_t now = farm_now(farm);

	struct list due, *link;

	list_init(&due);
	list_for_each_safe (at, &farm->timed) {
		if (job_of(at)->look_us > now)
			continue;
		list_remove(at);
		list_append(&due, at);
	}
	/* one that ends takes others with it, out of whichever list they are in */
	while ((link = list_first(&due))) {
		list_remove(link);
		list_append(&farm->timed, link);
		timing_look(farm, job_of(link));
	}
}

int64_t timing_due_us(const struct farm *farm)
{
	int64_t due = NEVER_US;

	list_for_each (link, &farm->timed) {
		if (job_of(link)->look_us < due)
			due = job_of(link)->look_us;
	}
	return due;
}

/* --- jobs that wait for others --- */

static void wait_for(struct job *job, struct job *other)
{
	struct dependency *dependency = &job->dependencies[job->waits_for++];

	dependency->job = job;
	dependency->on = other->record.id;
	list_append(&other->dependents, &dependency->link);
}

/* One it waited for is over. */
static void settle(struct farm *farm, struct dependency *dependency, enum run_verdict verdict)
{
	struct job *job = dependency->job;
	char text[FARM_TEXT_MAX];

	list_remove(&dependency->link);
	job->waits_for--;
	if (job->record.state == JOB_FINISHED)
		return;
	if (verdict != RUN_PASSED && !job->spec->when.after_any_end) {
		(void)snprintf(text, sizeof(text), "job %lld, which had to pass first, ended %s",
			       (long long)dependency->on, run_verdict_name(verdict));
		end_waiting(farm, job, CAUSE_DEPENDENCY, text);
	} else if (job->waits_for == 0) {
		timing_look(farm, job);
	}
}

/* Not by calling itself for who waits for those who wait: a chain of jobs may be long. */
void timing_job_over(struct farm *farm, struct job *job)
{
	struct list *link;

	list_for_each_safe (at, &job->dependents) {
		struct dependency *dependency = list_container(at, struct dependency, link);

		list_remove(at);
		dependency->verdict = job->record.verdict;
		list_append(&farm->settling, at);
	}
	if (farm->is_settling)
		return;
	farm->is_settling = true;
	while ((link = list_first(&farm->settling))) {
		struct dependency *dependency = list_container(link, struct dependency, link);

		settle(farm, dependency, dependency->verdict);
	}
	farm->is_settling = false;
}

/* --- a job's life --- */

static bool is_timed(const struct job *job)
{
	return job->spec->when.not_before[0] || job->spec->when.deadline[0] || job->spec->when.window[0] ||
	       job->spec->when.after_count > 0;
}

/* A job that was taken once is never given up for its words. */
static void resolve(struct farm *farm, struct job *job)
{
	struct doc_problems *problems = mem_alloc(sizeof(*problems));

	doc_problems_init(problems, "");
	if (!spec_when_resolve(&job->spec->when, farm_unix(farm), farm->ports.zones, &job->terms, problems)) {
		char utc[SPEC_WINDOW_MAX];
		char *zone;

		mem_text_into(utc, sizeof(utc), job->spec->when.window);
		zone = strrchr(utc, ' ');
		if (zone)
			*zone = '\0';
		log_error("farm", "job %lld: %s: found %s, expected %s; its window counts in UTC",
			  (long long)job->record.id, problems->item[0].field, problems->item[0].found,
			  problems->item[0].expected);
		doc_problems_init(problems, "");
		job->terms.has_window = utc[0] && calendar_window_parse(utc, farm->ports.zones, 0, "window",
									&job->terms.window, problems);
	}
	free(problems);
}

void timing_begin(struct farm *farm, struct job *job)
{
	const struct job_when *when = &job->spec->when;

	job->terms = (struct job_terms){.not_before_us = INT64_MIN, .deadline_us = INT64_MAX};
	if (!is_timed(job))
		return;
	resolve(farm, job);
	job->dependencies = mem_alloc_array(when->after_count, sizeof(*job->dependencies));
	for (size_t i = 0; i < when->after_count; i++) {
		struct job *other = job_find(farm, when->after[i]);

		if (other && other != job && other->record.state != JOB_FINISHED)
			wait_for(job, other);
	}
	list_append(&farm->timed, &job->timed_link);
	timing_set(farm, job);
}

void timing_end(struct job *job)
{
	list_remove(&job->timed_link);
	for (size_t i = 0; job->dependencies && i < job->spec->when.after_count; i++) {
		if (job->dependencies[i].job)
			list_remove(&job->dependencies[i].link);
	}
	list_for_each_safe (link, &job->dependents)
		list_remove(link);
	free(job->dependencies);
	job->dependencies = NULL;
}

/* --- in words --- */

static void describe_jobs(const struct job *job, char *ret_text, size_t size)
{
	size_t used = (size_t)snprintf(ret_text, size, "for job%s", job->waits_for == 1 ? "" : "s");

	for (size_t i = 0; i < job->spec->when.after_count && used < size; i++) {
		const struct dependency *dependency = &job->dependencies[i];

		if (dependency->job && !list_empty(&dependency->link))
			used += (size_t)snprintf(ret_text + used, size - used, " %lld", (long long)dependency->on);
	}
	if (used < size)
		(void)snprintf(ret_text + used, size - used, " to %s",
			       job->spec->when.after_any_end ? "be over" : "pass");
}

bool timing_describe(const struct farm *farm, const struct job *job, char *ret_text, size_t size)
{
	int64_t now_us = farm_unix(farm), from_us, until_us;
	char when[SPEC_INSTANT_MAX];

	if (list_empty(&job->timed_link))
		return false;
	if (job->waits_for > 0) {
		describe_jobs(job, ret_text, size);
		return true;
	}
	next_span(job, now_us, &from_us, &until_us);
	if (from_us <= now_us)
		return false;
	if (from_us == INT64_MAX) {
		(void)snprintf(ret_text, size, "for its window, %s, which does not open within a year",
			       job->spec->when.window);
		return true;
	}
	instant_format(from_us, when, sizeof(when));
	if (from_us == job->terms.not_before_us)
		(void)snprintf(ret_text, size, "until %s, before which the job is not to start", when);
	else
		(void)snprintf(ret_text, size, "until %s, for the job's window, %s", when, job->spec->when.window);
	return true;
}
