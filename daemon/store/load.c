/* SPDX-License-Identifier: Apache-2.0 */
/* What a farm is rebuilt from: everything open, and what always is. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "daemon/store/store_private.h"

/* Calls add for each row; add appends one element to records. */
static int each_row(struct db *db, const char *sql, void (*add)(struct farm_records *records, sqlite3_stmt *row),
		    struct farm_records *records, struct err *err)
{
	sqlite3_stmt *row = db_statement(db, sql, err);
	bool more = true;
	int rc = row ? 0 : ERR_CORRUPT;

	while (rc == 0 && (rc = db_step(db, row, &more, err)) == 0 && more)
		add(records, row);
	if (row)
		sqlite3_reset(row);
	return rc;
}

/* A new zeroed element at the end of an array; its room doubles at powers of two. */
#define APPEND(array, count)                                                                                           \
	((array) = ((count) & ((count)-1)) == 0                                                                        \
			   ? mem_resize_array((array), (count) ? 2 * (count) : 1, sizeof(*(array)))                    \
			   : (array),                                                                                  \
	 memset(&(array)[(count)], 0, sizeof(*(array))), &(array)[(count)++])

static void text_into(sqlite3_stmt *row, int column, char *target, size_t size)
{
	db_text_into(row, column, target, size);
}

#define TEXT(column, member) text_into(row, (column), (member), sizeof(member))

static void add_job(struct farm_records *records, sqlite3_stmt *row)
{
	struct job_record *job = APPEND(records->jobs, records->job_count);

	job->id = db_int(row, 0);
	TEXT(1, job->org);
	TEXT(2, job->owner);
	TEXT(3, job->name);
	TEXT(4, job->suite);
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
	struct run_record *run = APPEND(records->runs, records->run_count);

	run->id = db_int(row, 0);
	run->job = db_int(row, 1);
	TEXT(2, run->org);
	run->index = (uint32_t)db_int(row, 3);
	run->spec = (uint32_t)db_int(row, 4);
	run->attempt = (uint32_t)db_int(row, 5);
	TEXT(6, run->board_type);
	TEXT(7, run->wanted_board);
	TEXT(8, run->board);
	TEXT(9, run->agent);
	run->fence = db_int(row, 10);
	(void)run_state_parse(db_text(row, 11), &run->state);
	(void)run_verdict_parse(db_text(row, 12), &run->verdict);
	(void)cause_parse(db_text(row, 13), &run->cause);
	TEXT(14, run->text);
	TEXT(15, run->image_sha256);
	TEXT(16, run->image_name);
	TEXT(17, run->build_id);
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
	TEXT(28, run->console_sha256);
	TEXT(29, run->core);
	run->have = db_int(row, 30);
	run->queued_at_us = db_int(row, 31);
	run->assigned_at_us = db_int(row, 32);
	run->started_at_us = db_int(row, 33);
	run->finished_at_us = db_int(row, 34);
	run->counts.waived = (uint32_t)db_int(row, 35);
	run->counts.expected = (uint32_t)db_int(row, 36);
	run->asked = mem_text(db_text(row, 37));
}

static void add_step(struct farm_records *records, sqlite3_stmt *row)
{
	struct step_record *step = APPEND(records->open_steps, records->open_step_count);

	step->run = db_int(row, 0);
	step->serial = db_int(row, 1);
	TEXT(2, step->org);
	TEXT(3, step->step);
	step->phase = strcmp(db_text(row, 4), "back") == 0 ? STEP_BACK : STEP_FORWARD;
	step->row = (uint32_t)db_int(row, 5);
	step->begun_at_us = db_int(row, 6);
}

static void add_board(struct farm_records *records, sqlite3_stmt *row)
{
	struct board_record *board = APPEND(records->boards, records->board_count);

	TEXT(0, board->name);
	TEXT(1, board->org);
	TEXT(2, board->type);
	TEXT(3, board->agent);
	(void)board_state_parse(db_text(row, 4), &board->state);
	TEXT(5, board->reason);
	TEXT(6, board->unique_id);
	board->is_virtual = db_int(row, 7) != 0;
	board->fence = db_int(row, 8);
	board->changed_at_us = db_int(row, 9);
	(void)board_hold_parse(db_text(row, 10), &board->hold);
	TEXT(11, board->held_by);
	TEXT(12, board->held_why);
	board->held_at_us = db_int(row, 13);
	TEXT(14, board->unproven);
	board->recover_wanted = db_int(row, 15) != 0;
	board->checks_failed = (uint32_t)db_int(row, 16);
	board->runs_since_pass = (uint32_t)db_int(row, 17);
	board->proven_at_us = db_int(row, 18);
	board->recovery_begun_at_us = db_int(row, 19);
	board->recovery_rungs = (size_t)db_int(row, 20);
	board->recovery_ended = db_int(row, 21) != 0;
}

static void add_wear(struct farm_records *records, sqlite3_stmt *row)
{
	struct wear_record *wear = APPEND(records->wears, records->wear_count);

	TEXT(0, wear->board);
	TEXT(1, wear->org);
	TEXT(2, wear->unique_id);
	wear->sectors = mem_text(db_text(row, 3));
	wear->erases = (uint64_t)db_int(row, 4);
	wear->worst = (uint32_t)db_int(row, 5);
	wear->worst_address = (uint32_t)db_int(row, 6);
	wear->worn = db_int(row, 7) != 0;
	wear->changed_at_us = db_int(row, 8);
}

static void add_time(struct farm_records *records, sqlite3_stmt *row)
{
	struct board_time_record *time = APPEND(records->times, records->time_count);

	TEXT(0, time->board);
	TEXT(1, time->org);
	time->day.day = db_int(row, 2);
	(void)time_kind_parse(db_text(row, 3), &time->kind);
	time->since_us = db_int(row, 4);
	for (int i = 0; i < TIME_KIND_COUNT; i++)
		time->day.us[i] = db_int(row, 5 + i); /* the columns are in the kinds' order */
}

static void add_hold(struct farm_records *records, sqlite3_stmt *row)
{
	struct hold_record *hold = APPEND(records->holds, records->hold_count);

	hold->job = db_int(row, 0);
	TEXT(1, hold->org);
	TEXT(2, hold->holder);
	TEXT(3, hold->why);
	hold->asked_ms = db_int(row, 4);
	hold->grace_ms = db_int(row, 5);
	hold->granted_at_us = db_int(row, 6);
	hold->until_us = db_int(row, 7);
	hold->warned = (uint32_t)db_int(row, 8);
	hold->from_us = db_int(row, 9);
}

static void add_lease(struct farm_records *records, sqlite3_stmt *row)
{
	struct lease_record *lease = APPEND(records->leases, records->lease_count);

	TEXT(0, lease->board);
	lease->fence = db_int(row, 1);
	TEXT(2, lease->org);
	lease->run = db_int(row, 3);
	lease->begun_at_us = db_int(row, 4);
}

static void add_agent(struct farm_records *records, sqlite3_stmt *row)
{
	struct agent_record *agent = APPEND(records->agents, records->agent_count);

	TEXT(0, agent->name);
	TEXT(1, agent->org);
	TEXT(2, agent->version);
	TEXT(3, agent->boot);
	agent->online = db_int(row, 4) != 0;
	agent->seen_at_us = db_int(row, 5);
}

static void add_type(struct farm_records *records, sqlite3_stmt *row)
{
	struct board_type_record *type = APPEND(records->types, records->type_count);

	TEXT(0, type->name);
	TEXT(1, type->org);
	type->body = mem_text(db_text(row, 2));
	type->changed_at_us = db_int(row, 3);
}

static void add_suite(struct farm_records *records, sqlite3_stmt *row)
{
	struct suite_record *suite = APPEND(records->suites, records->suite_count);

	TEXT(0, suite->name);
	TEXT(1, suite->org);
	TEXT(2, suite->version);
	suite->text = mem_text(db_text(row, 3));
	suite->changed_at_us = db_int(row, 4);
}

static void add_waiver(struct farm_records *records, sqlite3_stmt *row)
{
	struct waiver_record *waiver = APPEND(records->waivers, records->waiver_count);

	waiver->id = db_int(row, 0);
	TEXT(1, waiver->org);
	TEXT(2, waiver->board_type);
	TEXT(3, waiver->cases);
	TEXT(4, waiver->author);
	TEXT(5, waiver->reason);
	waiver->intermittent = db_int(row, 6) != 0;
	waiver->created_at_us = db_int(row, 7);
	waiver->from_us = db_int(row, 8);
	waiver->until_us = db_int(row, 9);
	waiver->withdrawn_at_us = db_int(row, 10);
	TEXT(11, waiver->withdrawn_by);
}

static void add_diagnosis(struct farm_records *records, sqlite3_stmt *row)
{
	struct diagnosis_record *record = APPEND(records->diagnoses, records->diagnosis_count);

	record->job = db_int(row, 0);
	TEXT(1, record->org);
	record->run = db_int(row, 2);
	(void)cause_parse(db_text(row, 3), &record->cause);
	record->failing = db_int(row, 4);
	record->failing_known = db_int(row, 5) != 0;
	record->sibling = db_int(row, 6);
	record->again = db_int(row, 7);
	record->golden = db_int(row, 8);
	record->neighbour = db_int(row, 9);
}

static void add_golden(struct farm_records *records, sqlite3_stmt *row)
{
	struct golden_record *golden = APPEND(records->goldens, records->golden_count);

	TEXT(0, golden->org);
	TEXT(1, golden->board_type);
	TEXT(2, golden->image.sha256);
	TEXT(3, golden->image.name);
	TEXT(4, golden->image.build_id);
	golden->image.size_bytes = (uint64_t)db_int(row, 5);
	TEXT(6, golden->suite);
	golden->spec = mem_text(db_text(row, 7));
	TEXT(8, golden->set_by);
	golden->set_at_us = db_int(row, 9);
}

static void add_held_image(struct farm_records *records, sqlite3_stmt *row)
{
	struct held_image_record *held = APPEND(records->held_images, records->held_image_count);

	TEXT(0, held->org);
	TEXT(1, held->sha256);
	TEXT(2, held->name);
	held->held_at_us = db_int(row, 3);
	TEXT(4, held->evidence);
}

static void add_tried_image(struct farm_records *records, sqlite3_stmt *row)
{
	struct tried_image_record *tried = APPEND(records->tried_images, records->tried_image_count);

	TEXT(0, tried->org);
	TEXT(1, tried->sha256);
	TEXT(2, tried->board_type);
	tried->run = db_int(row, 3);
	tried->known_at_us = db_int(row, 4);
}

static void add_accepted(struct farm_records *records, sqlite3_stmt *row)
{
	struct accepted_record *accepted = APPEND(records->accepted, records->accepted_count);

	accepted->run = db_int(row, 0);
	accepted->serial = db_int(row, 1);
	accepted->index = (uint32_t)db_int(row, 2);
	TEXT(3, accepted->org);
	TEXT(4, accepted->board_type);
	TEXT(5, accepted->case_name);
	TEXT(6, accepted->name);
	TEXT(7, accepted->unit);
	accepted->value = db_double(row, 8);
	accepted->job = db_int(row, 9);
	TEXT(10, accepted->accepted_by);
	accepted->accepted_at_us = db_int(row, 11);
}

static void add_schedule(struct farm_records *records, sqlite3_stmt *row)
{
	struct schedule_record *schedule = APPEND(records->schedules, records->schedule_count);

	TEXT(0, schedule->org);
	TEXT(1, schedule->name);
	TEXT(2, schedule->author);
	schedule->paused = db_int(row, 3) != 0;
	schedule->changed_at_us = db_int(row, 4);
	schedule->dealt_us = db_int(row, 5);
	schedule->text = mem_text(db_text(row, 6));
}

static void add_drop(struct farm_records *records, sqlite3_stmt *row)
{
	struct drop_record *drop = APPEND(records->drops, records->drop_count);

	TEXT(0, drop->org);
	TEXT(1, drop->name);
	drop->version = db_int(row, 2);
	TEXT(3, drop->author);
	drop->created_at_us = db_int(row, 4);
	drop->files = mem_text(db_text(row, 5));
}

static void add_night(struct farm_records *records, sqlite3_stmt *row)
{
	struct night_record *night = APPEND(records->nights, records->night_count);

	night->id = db_int(row, 0);
	TEXT(1, night->org);
	TEXT(2, night->schedule);
	(void)night_stage_parse(db_text(row, 3), &night->stage);
	TEXT(4, night->text);
	night->due_us = db_int(row, 5);
	night->begun_at_us = db_int(row, 6);
	night->finished_at_us = db_int(row, 7);
	night->cells = night->stage == NIGHT_IS_RUNNING ? mem_text(db_text(row, 8)) : NULL;
}

static void add_secret(struct farm_records *records, sqlite3_stmt *row)
{
	struct secret_record *secret = APPEND(records->secrets, records->secret_count);

	TEXT(0, secret->org);
	TEXT(1, secret->name);
	TEXT(2, secret->author);
	secret->created_at_us = db_int(row, 3);
	TEXT(4, secret->value);
}

static void add_org(struct farm_records *records, sqlite3_stmt *row)
{
	struct org_record *org = APPEND(records->orgs, records->org_count);

	TEXT(0, org->name);
	org->weight = (uint32_t)db_int(row, 1);
	org->cap = (uint32_t)db_int(row, 2);
	org->guaranteed = (uint32_t)db_int(row, 3);
	org->changed_at_us = db_int(row, 4);
}

static void add_member(struct farm_records *records, sqlite3_stmt *row)
{
	struct member_record *member = APPEND(records->members, records->member_count);

	TEXT(0, member->org);
	TEXT(1, member->name);
	member->weight = (uint32_t)db_int(row, 2);
	member->changed_at_us = db_int(row, 3);
}

static void add_drain(struct farm_records *records, sqlite3_stmt *row)
{
	struct drain_record *drain = APPEND(records->drains, records->drain_count);

	TEXT(0, drain->agent);
	TEXT(1, drain->hub);
	TEXT(2, drain->org);
	drain->draining = true;
	TEXT(3, drain->by);
	TEXT(4, drain->why);
	drain->at_us = db_int(row, 5);
}

static void add_debts(struct farm_records *records, sqlite3_stmt *row)
{
	free(records->debts);
	records->debts = mem_text(db_text(row, 0));
}

static const struct {
	const char *sql;
	void (*add)(struct farm_records *records, sqlite3_stmt *row);
} tables[] = {
	{"SELECT id, org, owner, name, suite, priority, retries, state, cancel_wanted, submitted_at_us, spec,"
	 " kind, night FROM job WHERE state <> 'finished' ORDER BY id",
	 add_job},
	{"SELECT id, job, org, number, spec, attempt, board_type, wanted_board, board, agent, fence, state, verdict,"
	 " cause, text, image_sha256, image_name, build_id, image_bytes, passed, failed, ignored, missing, crashed,"
	 " error, cases_total, console_bytes, console_dropped, console_sha256, core, have, queued_at_us,"
	 " assigned_at_us, started_at_us, finished_at_us, waived, expected,"
	 " CASE state WHEN 'assigned' THEN asked ELSE '' END FROM run"
	 " WHERE job IN (SELECT id FROM job WHERE state <> 'finished') ORDER BY id",
	 add_run},
	{"SELECT run, serial, org, step, phase, row, begun_at_us FROM step WHERE ended = 0"
	 " AND run IN (SELECT id FROM run WHERE state <> 'finished') ORDER BY run, serial",
	 add_step},
	{"SELECT b.name, b.org, b.type, b.agent, b.state, b.reason, b.unique_id, b.virtual, b.fence, b.changed_at_us,"
	 " b.hold, b.held_by, b.held_why, b.held_at_us, b.unproven, b.recover_wanted, b.checks_failed, "
	 "b.runs_since_pass,"
	 " b.proven_at_us, coalesce(r.begun_at_us, 0), coalesce(r.rungs, 0), coalesce(r.ended_at_us, 0) FROM board b"
	 " LEFT JOIN recovery r ON r.board = b.name AND r.begun_at_us ="
	 " (SELECT max(begun_at_us) FROM recovery WHERE board = b.name)",
	 add_board},
	{"SELECT board, org, unique_id, sectors, erases, worst, worst_address, worn, changed_at_us FROM wear",
	 add_wear},
	/* the days kept before each board's open one, and that one: as many as TIME_DAYS_KEPT */
	{"SELECT t.board, t.org, t.day, t.kind, t.since_us, t.idle_us, t.staging_us, t.power_us, t.flash_us,"
	 " t.running_us, t.recovering_us, t.checking_us, t.leased_us, t.offline_us"
	 " FROM board_time o JOIN board_time t ON t.board = o.board AND t.day BETWEEN o.day - 30 AND o.day"
	 " WHERE o.since_us <> 0 ORDER BY t.board, t.day",
	 add_time},
	{"SELECT job, org, holder, why, asked_ms, grace_ms, granted_at_us, until_us, warned, from_us"
	 " FROM hold"
	 " WHERE job IN (SELECT id FROM job WHERE state <> 'finished')",
	 add_hold},
	{"SELECT board, fence, org, run, begun_at_us FROM lease WHERE ended_at_us = 0", add_lease},
	{"SELECT name, org, version, boot, online, seen_at_us FROM agent", add_agent},
	{"SELECT name, org, body, changed_at_us FROM board_type", add_type},
	{"SELECT name, org, version, text, changed_at_us FROM suite", add_suite},
	{"SELECT organisation.name, ifnull(weight, 100), ifnull(cap, 0), ifnull(guaranteed, 0), ifnull(changed_at_us, "
	 "0)"
	 " FROM organisation LEFT JOIN org_share ON org_share.org = organisation.name",
	 add_org},
	{"SELECT org, name, weight, changed_at_us FROM member_share", add_member},
	{"SELECT agent, hub, org, drained_by, why, at_us FROM drain", add_drain},
	{"SELECT value FROM meta WHERE key = 'share_debts'", add_debts},
	{"SELECT id, org, board_type, cases, author, reason, intermittent, created_at_us, from_us, until_us,"
	 " withdrawn_at_us, withdrawn_by FROM waiver ORDER BY id",
	 add_waiver},
	{"SELECT job, d.org, run, d.cause, failing, failing_known, sibling, again, golden, neighbour FROM diagnosis d"
	 " JOIN job ON job.id = d.job WHERE job.state <> 'finished'",
	 add_diagnosis},
	{"SELECT org, board_type, image_sha256, image_name, build_id, image_bytes, suite, spec, set_by, set_at_us"
	 " FROM golden",
	 add_golden},
	{"SELECT org, image_sha256, image_name, held_at_us, evidence FROM held_image", add_held_image},
	{"SELECT org, image_sha256, board_type, run, known_at_us FROM tried_image ORDER BY known_at_us",
	 add_tried_image},
	{"SELECT run, serial, number, org, board_type, case_name, name, unit, value, job, accepted_by, accepted_at_us"
	 " FROM (SELECT *, row_number() OVER (PARTITION BY org, board_type, case_name, name, unit"
	 " ORDER BY accepted_at_us DESC, run DESC, serial DESC, number DESC) AS age FROM accepted_value)"
	 " WHERE age <= 50 ORDER BY accepted_at_us, run, serial, number",
	 add_accepted},
	{"SELECT org, name, author, paused, changed_at_us, dealt_us, text FROM schedule WHERE removed = 0",
	 add_schedule},
	{"SELECT org, name, max(version), author, created_at_us, files FROM artefact_drop GROUP BY org, name",
	 add_drop},
	{"SELECT id, org, schedule, state, text, due_us, begun_at_us, finished_at_us, cells FROM night"
	 " WHERE state IN ('waiting', 'running') OR (state = 'finished' AND summarised = 0) ORDER BY id",
	 add_night},
	{"SELECT org, name, author, created_at_us, value FROM secret WHERE removed = 0", add_secret},
};

static int load_farm_id(struct db *db, struct farm_records *records, struct err *err)
{
	sqlite3_stmt *row = db_statement(db, "SELECT value FROM meta WHERE key = 'farm_id'", err);
	bool found = false;
	int rc = row ? db_step(db, row, &found, err) : ERR_CORRUPT;

	if (rc == 0 && found)
		db_text_into(row, 0, records->farm_id, sizeof(records->farm_id));
	if (row)
		sqlite3_reset(row);
	return rc;
}

int store_load(struct store *store, struct farm_records *ret_records, struct err *err)
{
	struct farm_records records = {0};
	struct db *db = &store->db;
	int rc = db_exec(db, "BEGIN", err);

	if (rc)
		return rc;
	rc = load_farm_id(db, &records, err);
	if (rc == 0)
		rc = db_get_int(db, "SELECT max(id) FROM job", 0, &records.last_job, err);
	if (rc == 0)
		rc = db_get_int(db, "SELECT max(id) FROM run", 0, &records.last_run, err);
	if (rc == 0)
		rc = db_get_int(db, "SELECT max(id) FROM waiver", 0, &records.last_waiver, err);
	if (rc == 0)
		rc = db_get_int(db, "SELECT max(id) FROM night", 0, &records.last_night, err);
	if (rc == 0)
		rc = db_get_int(db, "SELECT max(seq) FROM event", 0, &records.last_seq, err);
	if (rc == 0)
		rc = db_get_int(db,
				"SELECT max(ifnull((SELECT at_us FROM event ORDER BY seq DESC LIMIT 1), 0),"
				" ifnull((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'stopped_at_us'), 0))",
				0, &records.last_at_us, err);
	for (size_t i = 0; rc == 0 && i < sizeof(tables) / sizeof(tables[0]); i++)
		rc = each_row(db, tables[i].sql, tables[i].add, &records, err);
	(void)db_exec(db, "COMMIT", NULL);
	if (rc) {
		farm_records_finish(&records);
		return rc;
	}
	*ret_records = records;
	return 0;
}
