/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that the farm makes for itself: health checks, and runs that tell a board's fault from a firmware's. */
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"

struct job *own_job_add(struct farm *farm, enum job_kind kind, const char *org, const char *name, const char *suite,
			struct job_spec *spec)
{
	struct job_record record = {.id = ++farm->last_job,
				    .kind = kind,
				    .priority = spec->priority,
				    .state = JOB_QUEUED,
				    .submitted_at_us = farm_unix(farm)};
	struct job_record *kept;
	json_t *body = job_spec_to_json(spec);
	struct job *job;

	mem_text_into(record.org, sizeof(record.org), org);
	mem_text_into(record.owner, sizeof(record.owner), FARM_ITSELF);
	mem_text_into(record.name, sizeof(record.name), name);
	mem_text_into(record.suite, sizeof(record.suite), suite);
	job = job_add(farm, &record, spec);
	kept = change_add(farm->open, RECORD_JOB);
	*kept = record;
	kept->spec = json_compact(body);
	json_decref(body);
	return job;
}

struct run *own_job_run(struct farm *farm, struct job *job, uint32_t spec, const struct run_image *image,
			const char *board_type, const char *board)
{
	struct run_record record = {.id = ++farm->last_run,
				    .job = job->record.id,
				    .index = (uint32_t)job->open_runs,
				    .spec = spec,
				    .attempt = 1,
				    .state = RUN_IS_QUEUED,
				    .image_bytes = image->size_bytes,
				    .queued_at_us = farm_unix(farm)};

	mem_text_into(record.org, sizeof(record.org), job->record.org);
	mem_text_into(record.board_type, sizeof(record.board_type), board_type);
	mem_text_into(record.wanted_board, sizeof(record.wanted_board), board);
	mem_text_into(record.image_sha256, sizeof(record.image_sha256), image->sha256);
	mem_text_into(record.image_name, sizeof(record.image_name), image->name);
	mem_text_into(record.build_id, sizeof(record.build_id), image->build_id);
	return run_add(farm, job, &record);
}

void own_job_tell(struct farm *farm, struct job *job)
{
	event_job(farm, EVENT_JOB_SUBMITTED, job);
	list_for_each (link, &job->runs) {
		struct run *run = list_container(link, struct run, job_link);

		run_keep(farm, run);
		event_run(farm, EVENT_RUN_QUEUED, run);
	}
}
