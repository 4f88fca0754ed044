/* SPDX-License-Identifier: Apache-2.0 */
/* What a farm is rebuilt from at its start: everything open, and what always is. */
#ifndef ASSAY_FARM_FARM_RECORDS_H
#define ASSAY_FARM_FARM_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/record_board.h"
#include "core/farm/record_job.h"
#include "core/farm/record_night.h"
#include "core/farm/record_org.h"

/* What a farm is rebuilt from; arrays owned. Runs: every attempt of every job that is not finished. */
struct farm_records {
	char farm_id[40];
	int64_t last_job, last_run, last_seq, last_waiver, last_night; /* the largest ever used */
	int64_t last_at_us; /* the last sign of life: of the last event, or the store's orderly end; 0: none */
	struct job_record *jobs;
	size_t job_count;
	struct run_record *runs; /* by id */
	size_t run_count;
	struct took_record *tooks; /* of the last runs that came to a verdict by themselves, oldest first */
	size_t took_count;
	struct step_record *open_steps; /* begun and not ended, of runs that are not finished */
	size_t open_step_count;
	struct board_record *boards;
	size_t board_count;
	struct board_time_record *times; /* of each board by day: the last TIME_DAYS_KEPT, and the open one */
	size_t time_count;
	struct lease_record *leases; /* open ones */
	size_t lease_count;
	struct agent_record *agents;
	size_t agent_count;
	struct board_type_record *types;
	size_t type_count;
	struct suite_record *suites;
	size_t suite_count;
	struct org_record *orgs;
	size_t org_count;
	struct member_record *members;
	size_t member_count;
	struct drain_record *drains;
	size_t drain_count;
	char *debts;                   /* JSON; NULL: none */
	struct waiver_record *waivers; /* by id, withdrawn and expired ones too */
	size_t waiver_count;
	struct diagnosis_record *diagnoses; /* that are, or that look into a failure of a job that is, not finished */
	size_t diagnosis_count;
	struct held_image_record *held_images; /* by struck_at_us */
	size_t held_image_count;
	struct board_image_record *board_images; /* of open runs last */
	size_t board_image_count;
	struct tried_image_record *tried_images; /* by known_at_us */
	size_t tried_image_count;
	struct golden_record *goldens;
	size_t golden_count;
	struct wear_record *wears;
	size_t wear_count;
	struct accepted_record *accepted; /* the last BASELINE_MAX_VALUES of each measurement, oldest first */
	size_t accepted_count;
	struct hold_record *holds; /* of jobs that are not finished */
	size_t hold_count;
	struct schedule_record *schedules; /* that were not removed */
	size_t schedule_count;
	struct drop_record *drops; /* the last version of each name */
	size_t drop_count;
	struct night_record *nights; /* waiting, running, or not summarised; by id, cells of running ones */
	size_t night_count;
	struct secret_record *secrets; /* that were not removed */
	size_t secret_count;
};

void farm_records_finish(struct farm_records *records);

#endif
