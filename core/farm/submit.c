/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a job: everything that can be known to be wrong is said now, with file, line and field. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_job.h"
#include "core/farm/state_night.h"
#include "core/farm/state_run.h"
#include "core/farm/state_standard.h"
#include "core/farm/submit_private.h"

static size_t total_runs(const struct job_spec *spec)
{
	size_t total = 0;

	for (size_t i = 0; i < spec->run_count; i++)
		total += spec->runs[i].count;
	return total;
}

static int check(struct submit *s, struct err *err)
{
	s->checked = mem_alloc_array(s->spec->run_count, sizeof(*s->checked));
	for (size_t i = 0; i < s->spec->run_count; i++)
		submit_check_run(s, i);
	if (s->problems->count == 0)
		submit_expand(s);
	if (s->problems->count == 0)
		submit_check_terms(s);
	if (s->problems->count > 0)
		return doc_problems_err(s->problems, err);
	if (s->farm->waiting + total_runs(s->spec) > s->farm->config.max_waiting_runs)
		return err_set(err, ERR_BUSY, "%zu runs wait already, the farm takes at most %zu", s->farm->waiting,
			       s->farm->config.max_waiting_runs);
	return 0;
}

/* The last part of a path, for people. */
static const char *image_name(const char *image)
{
	const char *slash = strrchr(image, '/');

	return slash ? slash + 1 : image;
}

static void add_run(struct submit *s, struct job *job, uint32_t spec, uint32_t index)
{
	const struct checked_run *checked = &s->checked[spec];
	struct run_record record = {.id = ++s->farm->last_run,
				    .job = job->record.id,
				    .index = index,
				    .spec = spec,
				    .attempt = 1,
				    .state = RUN_IS_QUEUED,
				    .image_bytes = checked->image_bytes,
				    .queued_at_us = farm_unix(s->farm)};

	mem_text_into(record.org, sizeof(record.org), job->record.org);
	mem_text_into(record.board_type, sizeof(record.board_type), checked->pool->name);
	mem_text_into(record.wanted_board, sizeof(record.wanted_board), checked->wanted_board);
	mem_text_into(record.image_sha256, sizeof(record.image_sha256), checked->sha256);
	mem_text_into(record.image_name, sizeof(record.image_name), image_name(s->spec->runs[spec].image));
	mem_text_into(record.build_id, sizeof(record.build_id), checked->build_id);
	(void)run_add(s->farm, job, &record);
}

/* The job, then its runs, then the queue: everything in one change. */
static int64_t take(struct submit *s)
{
	struct farm *farm = s->farm;
	struct job_record record = {.id = ++farm->last_job,
				    .kind = s->kind,
				    .priority = s->spec->priority,
				    .retries = s->spec->retries,
				    .state = JOB_QUEUED,
				    .night = s->night,
				    .submitted_at_us = farm_unix(farm)};
	struct job_record *kept;
	json_t *spec = job_spec_to_json(s->spec);
	struct job *job;
	uint32_t index = 0;

	mem_text_into(record.org, sizeof(record.org), s->who->org);
	mem_text_into(record.owner, sizeof(record.owner), s->who->name);
	mem_text_into(record.name, sizeof(record.name), s->spec->name);
	mem_text_into(record.suite, sizeof(record.suite), s->spec->suite);
	job = job_add(farm, &record, s->spec);
	night_job_added(farm, record.night);
	kept = change_add(farm->open, RECORD_JOB);
	*kept = record;
	kept->spec = json_compact(spec);
	json_decref(spec);
	if (s->hold) {
		hold_add(farm, job, s->hold);
		hold_keep(farm, job->hold);
	}
	for (uint32_t i = 0; i < s->spec->run_count; i++) {
		for (uint32_t n = 0; n < s->spec->runs[i].count; n++)
			add_run(s, job, i, index++);
	}
	event_job(farm, EVENT_JOB_SUBMITTED, job);
	list_for_each (link, &job->runs) {
		struct run *run = list_container(link, struct run, job_link);

		run_keep(farm, run);
		event_run(farm, EVENT_RUN_QUEUED, run);
		run_queue(farm, run);
	}
	s->spec = NULL;
	return record.id;
}

/* Before anything is looked at closely. */
static int may_submit(const struct farm *farm, const struct principal *who, struct err *err)
{
	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not submit jobs", role_name(who->role));
	return farm_degraded(farm) ? farm_refuse(farm, err) : 0;
}

int submit_spec(struct farm *farm, const struct principal *who, const struct submission *submission,
		struct job_spec *spec, enum job_kind kind, const struct hold_record *hold, on_submitted_fn on_submitted,
		void *context, struct doc_problems *problems, struct err *err)
{
	struct submit s = {.farm = farm,
			   .who = who,
			   .submission = submission,
			   .kind = kind,
			   .hold = hold,
			   .problems = problems,
			   .spec = spec};
	int rc = may_submit(farm, who, err);

	if (rc == 0)
		rc = check(&s, err);
	if (rc == 0 && hold)
		rc = hold_check(farm, &spec->runs[0], hold, err);
	if (rc == 0) {
		farm_enter(farm);
		outbox_submitted(farm, take(&s), on_submitted, context);
		farm_leave(farm);
	}
	free(s.checked);
	return rc;
}

static int read_spec(struct farm *farm, const struct submission *submission, struct job_spec **ret_spec,
		     struct doc_problems *problems, struct err *err)
{
	int rc = job_spec_read(submission->file, submission->text, submission->len, suite_lookup, farm, ret_spec,
			       problems);

	if (rc)
		return rc == ERR_INVALID ? doc_problems_err(problems, err)
					 : err_set(err, (enum err_code)rc, "%s", err_name((enum err_code)rc));
	return 0;
}

int farm_submit(struct farm *farm, const struct principal *who, const struct submission *submission,
		on_submitted_fn on_submitted, void *context, struct doc_problems *problems, struct err *err)
{
	struct job_spec *spec = NULL;
	int rc;

	doc_problems_init(problems, submission->file);
	rc = may_submit(farm, who, err);
	if (rc == 0)
		rc = read_spec(farm, submission, &spec, problems, err);
	if (rc)
		return rc;
	rc = submit_spec(farm, who, submission, spec, JOB_IS_TEST, NULL, on_submitted, context, problems, err);
	if (rc)
		job_spec_destroy(spec);
	return rc;
}

int64_t job_hand_in(struct farm *farm, const struct principal *who, const struct submission *submission, int64_t night,
		    bool only_look, struct doc_problems *problems, struct err *err)
{
	struct submit s = {.farm = farm,
			   .who = who,
			   .submission = submission,
			   .kind = JOB_IS_TEST,
			   .problems = problems,
			   .night = night};
	int64_t job = 0;

	if (read_spec(farm, submission, &s.spec, problems, err) == 0 && check(&s, err) == 0)
		job = only_look ? 1 : take(&s);
	job_spec_destroy(s.spec);
	free(s.checked);
	return job;
}
