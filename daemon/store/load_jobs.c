/* SPDX-License-Identifier: Apache-2.0 */
/* What a farm is rebuilt from: open jobs, their runs and steps. */
#include <string.h>

#include "core/base/mem.h"
#include "daemon/store/load.h"

static void add_job(struct farm_records *records, sqlite3_stmt *row)
{
	struct job_record *job = LOAD_APPEND(records->jobs, records->job_count);

	job->id = db_int(row, 0);
	LOAD_TEXT(1, job->org);
	LOAD_TEXT(2, job->owner);
	LOAD_TEXT(3, job->name);
	LOAD_TEXT(4, job->suite);
	job->priority = (int)db_int(row, 5);
	job->retries = (uint32_t)db_int(row, 6);
	(void)job_state_parse(db_text(row, 7), &job->state);
	job->cancel_wanted = db_int(row, 8) != 0;
	job->submitted_at_us = db_int(row, 9);
	job->spec = mem_text(db_text(row, 10));
	(void)job_kind_parse(db_text(row, 11), &job->kind);
	job->night = db_int(row, 12);
}

static void add_run(struct farm_records *records, sqlite3_stmt *row)
{
	struct run_record *run = LOAD_APPEND(records->runs, records->run_count);

	run->id = db_int(row, 0);
	run->job = db_int(row, 1);
	LOAD_TEXT(2, run->org);
	run->index = (uint32_t)db_int(row, 3);
	run->spec = (uint32_t)db_int(row, 4);
	run->attempt = (uint32_t)db_int(row, 5);
	LOAD_TEXT(6, run->board_type);
	LOAD_TEXT(7, run->wanted_board);
	LOAD_TEXT(8, run->board);
	LOAD_TEXT(9, run->agent);
	run->fence = db_int(row, 10);
	(void)run_state_parse(db_text(row, 11), &run->state);
	(void)run_verdict_parse(db_text(row, 12), &run->verdict);
	(void)cause_parse(db_text(row, 13), &run->cause);
	LOAD_TEXT(14, run->text);
	LOAD_TEXT(15, run->image_sha256);
	LOAD_TEXT(16, run->image_name);
	LOAD_TEXT(17, run->build_id);
	run->image_bytes = (uint64_t)db_int(row, 18);
	run->counts = (struct run_counts){.passed = (uint32_t)db_int(row, 19),
					  .failed = (uint32_t)db_int(row, 20),
					  .ignored = (uint32_t)db_int(row, 21),
					  .missing = (uint32_t)db_int(row, 22),
					  .crashed = (uint32_t)db_int(row, 23),
					  .error = (uint32_t)db_int(row, 24)};
	run->cases_total = db_int(row, 25);
	run->console_bytes = (uint64_t)db_int(row, 26);
	run->console_dropped = (uint64_t)db_int(row, 27);
	LOAD_TEXT(28, run->console_sha256);
	LOAD_TEXT(29, run->core);
	run->have = db_int(row, 30);
	run->queued_at_us = db_int(row, 31);
	run->assigned_at_us = db_int(row, 32);
	run->started_at_us = db_int(row, 33);
	run->finished_at_us = db_int(row, 34);
	run->counts.waived = (uint32_t)db_int(row, 35);
	run->counts.expected = (uint32_t)db_int(row, 36);
	run->asked = mem_text(db_text(row, 37));
	run->rejected = (uint32_t)db_int(row, 38);
}

static void add_step(struct farm_records *records, sqlite3_stmt *row)
{
	struct step_record *step = LOAD_APPEND(records->open_steps, records->open_step_count);

	step->run = db_int(row, 0);
	step->serial = db_int(row, 1);
	LOAD_TEXT(2, step->org);
	LOAD_TEXT(3, step->step);
	step->phase = strcmp(db_text(row, 4), "back") == 0 ? STEP_BACK : STEP_FORWARD;
	step->row = (uint32_t)db_int(row, 5);
	step->begun_at_us = db_int(row, 6);
}

static void add_hold(struct farm_records *records, sqlite3_stmt *row)
{
	struct hold_record *hold = LOAD_APPEND(records->holds, records->hold_count);

	hold->job = db_int(row, 0);
	LOAD_TEXT(1, hold->org);
	LOAD_TEXT(2, hold->holder);
	LOAD_TEXT(3, hold->why);
	hold->asked_ms = db_int(row, 4);
	hold->grace_ms = db_int(row, 5);
	hold->granted_at_us = db_int(row, 6);
	hold->until_us = db_int(row, 7);
	hold->warned = (uint32_t)db_int(row, 8);
	hold->from_us = db_int(row, 9);
	LOAD_TEXT(10, hold->boot);
	hold->end_us = db_int(row, 11);
	hold->late = db_int(row, 12) != 0;
}

static void add_diagnosis(struct farm_records *records, sqlite3_stmt *row)
{
	struct diagnosis_record *record = LOAD_APPEND(records->diagnoses, records->diagnosis_count);

	record->job = db_int(row, 0);
	LOAD_TEXT(1, record->org);
	record->run = db_int(row, 2);
	(void)cause_parse(db_text(row, 3), &record->cause);
	record->failing = db_int(row, 4);
	record->failing_known = db_int(row, 5) != 0;
	record->sibling = db_int(row, 6);
	record->again = db_int(row, 7);
	record->golden = db_int(row, 8);
	record->neighbour = db_int(row, 9);
}

static void add_took(struct farm_records *records, sqlite3_stmt *row)
{
	struct took_record *took = LOAD_APPEND(records->tooks, records->took_count);

	LOAD_TEXT(0, took->org);
	LOAD_TEXT(1, took->board_type);
	LOAD_TEXT(2, took->suite);
	LOAD_TEXT(3, took->name);
	took->took_us = db_int(row, 4);
}

/* How many runs back estimates are learned from: read in some hundredths of a second, and days of a lab. */
#define TOOK_RUNS "10000"

const struct load_table load_jobs[] = {
	{"SELECT id, org, owner, name, suite, priority, retries, state, cancel_wanted, submitted_at_us, spec,"
	 " kind, night FROM job WHERE state <> 'finished' ORDER BY id",
	 add_job},
	{"SELECT id, job, org, number, spec, attempt, board_type, wanted_board, board, agent, fence, state, verdict,"
	 " cause, text, image_sha256, image_name, build_id, image_bytes, passed, failed, ignored, missing, crashed,"
	 " error, cases_total, console_bytes, console_dropped, console_sha256, core, have, queued_at_us,"
	 " assigned_at_us, started_at_us, finished_at_us, waived, expected,"
	 " CASE state WHEN 'assigned' THEN asked ELSE '' END, rejected FROM run"
	 " WHERE job IN (SELECT id FROM job WHERE state <> 'finished') ORDER BY id",
	 add_run},
	{"SELECT run, serial, org, step, phase, row, begun_at_us FROM step WHERE ended = 0"
	 " AND run IN (SELECT id FROM run WHERE state <> 'finished') ORDER BY run, serial",
	 add_step},
	{"SELECT job, org, holder, why, asked_ms, grace_ms, granted_at_us, until_us, warned, from_us,"
	 " boot, end_us, late FROM hold"
	 " WHERE job IN (SELECT id FROM job WHERE state <> 'finished')",
	 add_hold},
	{"SELECT job, d.org, run, d.cause, failing, failing_known, sibling, again, golden, neighbour FROM diagnosis d"
	 " JOIN job ON job.id = d.job WHERE job.state <> 'finished'"
	 " UNION SELECT d.job, d.org, d.run, d.cause, failing, failing_known, sibling, again, golden, neighbour"
	 " FROM job JOIN run r ON r.job = job.id JOIN diagnosis d ON d.run = r.id WHERE job.state <> 'finished'",
	 add_diagnosis},
	{"SELECT r.org, r.board_type, j.suite, j.name, r.finished_at_us - r.assigned_at_us"
	 " FROM run r JOIN job j ON j.id = r.job"
	 " WHERE r.id > (SELECT max(id) FROM run) - " TOOK_RUNS " AND r.state = 'finished'"
	 " AND r.verdict IN ('passed', 'failed') AND j.kind <> 'lease' ORDER BY r.finished_at_us, r.id",
	 add_took},
	{NULL, NULL},
};
