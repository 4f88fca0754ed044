/* SPDX-License-Identifier: Apache-2.0 */
/* Folding a job's events into where its runs stand. */
#include "daemon/cli/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "daemon/cli/api.h"

void follow_init(struct follow *follow, int64_t job)
{
	*follow = (struct follow){.job = job};
}

void follow_finish(struct follow *follow)
{
	free(follow->runs);
	*follow = (struct follow){0};
}

/* Makes room for one run more, by doubling; false when there is none. */
static bool make_room(struct follow *follow)
{
	size_t room = follow->run_room ? 2 * follow->run_room : 8;
	struct follow_run *runs;

	if (follow->run_count < follow->run_room)
		return true;
	if (follow->run_count >= FOLLOW_MAX_RUNS)
		return false;
	runs = realloc(follow->runs, room * sizeof *runs);
	if (!runs)
		return false;
	follow->runs = runs;
	follow->run_room = room;
	return true;
}

/* The run of that number, made when it is new; NULL when there is no room. */
static struct follow_run *find_run(struct follow *follow, int64_t id)
{
	for (size_t i = follow->run_count; i > 0; i--) {
		if (follow->runs[i - 1].id == id)
			return &follow->runs[i - 1];
	}
	if (!make_room(follow))
		return NULL;
	follow->runs[follow->run_count] = (struct follow_run){.id = id, .attempt = 1, .state = "queued"};
	return &follow->runs[follow->run_count++];
}

static void keep(char *target, size_t size, const json_t *event, const char *key)
{
	const char *text = api_text(event, key);

	if (*text)
		snprintf(target, size, "%s", text);
}

static void set_state(struct follow_run *run, const char *state)
{
	snprintf(run->state, sizeof run->state, "%s", state);
}

static void on_queued(struct follow_run *run, const json_t *event)
{
	set_state(run, "queued");
	run->queued_at_us = api_int(event, "at_us");
	run->board[0] = '\0';
	keep(run->type, sizeof run->type, event, "board_type");
}

static void on_assigned(struct follow_run *run, const json_t *event)
{
	set_state(run, "assigned");
	keep(run->type, sizeof run->type, event, "board_type");
}

static void on_started(struct follow_run *run, const json_t *event)
{
	set_state(run, "running");
	run->started_at_us = api_int(event, "at_us");
	run->steps_done = run->passed = run->failed = run->other = 0;
}

static void on_run_finished(struct follow_run *run, const json_t *event)
{
	set_state(run, "finished");
	run->finished_at_us = api_int(event, "at_us");
	keep(run->verdict, sizeof run->verdict, event, "verdict");
	keep(run->text, sizeof run->text, event, "cause");
	keep(run->text, sizeof run->text, event, "text");
}

static void on_step_begun(struct follow_run *run, const json_t *event)
{
	keep(run->step, sizeof run->step, event, "step");
	run->step_at_us = api_int(event, "at_us");
}

static void on_step_ended(struct follow_run *run, const json_t *event)
{
	if (strcmp(api_text(event, "phase"), "back") != 0)
		run->steps_done++;
}

static void on_case(struct follow_run *run, const json_t *event)
{
	const char *verdict = api_text(event, "verdict");

	if (strcmp(verdict, "pass") == 0)
		run->passed++;
	else if (strcmp(verdict, "ignored") == 0)
		run->other++;
	else
		run->failed++;
}

static const struct {
	const char *type;
	void (*apply)(struct follow_run *run, const json_t *event);
} run_events[] = {
	{"run.queued", on_queued},         {"run.assigned", on_assigned}, {"run.started", on_started},
	{"run.finished", on_run_finished}, {"step.begun", on_step_begun}, {"step.ended", on_step_ended},
	{"case.ended", on_case},
};

static void apply_job(struct follow *follow, const char *type, const json_t *event)
{
	if (strcmp(type, "job.submitted") == 0)
		keep(follow->name, sizeof follow->name, event, "name");
	if (strcmp(type, "job.cancelled") == 0)
		follow->cancel_wanted = true;
	if (strcmp(type, "job.finished") != 0)
		return;
	follow->finished = true;
	keep(follow->verdict, sizeof follow->verdict, event, "verdict");
	keep(follow->text, sizeof follow->text, event, "text");
}

int follow_apply(struct follow *follow, const json_t *event, int64_t now_us)
{
	const char *type = api_text(event, "type");
	int64_t behind_us = now_us - api_int(event, "at_us");
	struct follow_run *run;

	if (!follow->skew_known || behind_us < follow->skew_us)
		follow->skew_us = behind_us;
	follow->skew_known = true;
	if (strncmp(type, "job.", 4) == 0) {
		apply_job(follow, type, event);
		return 0;
	}
	if (!api_int(event, "run"))
		return 0;
	run = find_run(follow, api_int(event, "run"));
	if (!run)
		return follow->run_count >= FOLLOW_MAX_RUNS ? ERR_TOO_BIG : ERR_NOMEM;
	keep(run->board, sizeof run->board, event, "board");
	if (api_int(event, "attempt"))
		run->attempt = api_int(event, "attempt");
	for (size_t i = 0; i < sizeof run_events / sizeof run_events[0]; i++) {
		if (strcmp(run_events[i].type, type) == 0)
			run_events[i].apply(run, event);
	}
	return 0;
}

int64_t follow_farm_time(const struct follow *follow, int64_t now_us)
{
	return now_us - follow->skew_us;
}

size_t follow_count(const struct follow *follow, const char *state, const char *verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < follow->run_count; i++) {
		const struct follow_run *run = &follow->runs[i];

		count += strcmp(run->state, state) == 0 && (!verdict || strcmp(run->verdict, verdict) == 0);
	}
	return count;
}
