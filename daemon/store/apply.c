/* SPDX-License-Identifier: Apache-2.0 */
/* One function a kind of record: the row as it shall be. */
#include "daemon/store/apply.h"

#include "daemon/store/console_short.h"

#include <time.h>

#define I(value) ((int64_t)(value))

int apply_need_org(struct db *db, const char *org, struct err *err)
{
	return db_run(db, err, "INSERT INTO organisation (name, created_at_us) VALUES (?, ?) ON CONFLICT DO NOTHING",
		      "ti", org, I(time(NULL)) * 1000000);
}

static int put_job(struct db *db, const struct job_record *r, struct err *err)
{
	int rc;

	if (!r->spec)
		return db_run(db, err,
			      "UPDATE job SET state = ?, verdict = ?, cause = ?, text = ?, cancel_wanted = ?,"
			      " finished_at_us = ? WHERE id = ?",
			      "ttttiii", job_state_name(r->state), run_verdict_name(r->verdict), cause_name(r->cause),
			      r->text, I(r->cancel_wanted), r->finished_at_us, r->id);
	rc = apply_need_org(db, r->org, err);
	if (rc)
		return rc;
	return db_run(db, err,
		      "INSERT INTO job (id, org, owner, name, suite, priority, retries, state, verdict, cause, text,"
		      " cancel_wanted, submitted_at_us, finished_at_us, spec, kind, night)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		      "ittttiittttiiitti", r->id, r->org, r->owner, r->name, r->suite, I(r->priority), I(r->retries),
		      job_state_name(r->state), run_verdict_name(r->verdict), cause_name(r->cause), r->text,
		      I(r->cancel_wanted), r->submitted_at_us, r->finished_at_us, r->spec, job_kind_name(r->kind),
		      r->night);
}

static int put_run(struct db *db, const struct run_record *r, struct err *err)
{
	return db_run(
		db, err,
		"INSERT INTO run (id, job, org, number, spec, attempt, board_type, wanted_board, board, agent, fence,"
		" state, verdict, cause, text, image_sha256, image_name, build_id, image_bytes,"
		" passed, failed, ignored, missing, crashed, error, waived, expected, cases_total,"
		" console_bytes, console_dropped, console_sha256, core, have,"
		" queued_at_us, assigned_at_us, started_at_us, finished_at_us, asked, facts, identity)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		" ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (id) DO UPDATE SET board = excluded.board, agent = excluded.agent, fence = "
		"excluded.fence,"
		" state = excluded.state, verdict = excluded.verdict, cause = excluded.cause, text = excluded.text,"
		" passed = excluded.passed, failed = excluded.failed, ignored = excluded.ignored,"
		" missing = excluded.missing, crashed = excluded.crashed, error = excluded.error,"
		" waived = excluded.waived, expected = excluded.expected,"
		" asked = CASE excluded.asked WHEN '' THEN asked ELSE excluded.asked END,"
		" facts = CASE excluded.facts WHEN '' THEN facts ELSE excluded.facts END,"
		" identity = CASE excluded.identity WHEN '' THEN identity ELSE excluded.identity END,"
		" cases_total = excluded.cases_total, console_bytes = excluded.console_bytes,"
		" console_dropped = excluded.console_dropped, console_sha256 = excluded.console_sha256,"
		" core = excluded.core, have = excluded.have, assigned_at_us = excluded.assigned_at_us,"
		" started_at_us = excluded.started_at_us, finished_at_us = excluded.finished_at_us",
		"iitiii"
		"tttt"
		"i"
		"ttttttt"
		"i"
		"iiiiiiiii"
		"iitti"
		"iiii"
		"ttt",
		r->id, r->job, r->org, I(r->index), I(r->spec), I(r->attempt), r->board_type, r->wanted_board, r->board,
		r->agent, r->fence, run_state_name(r->state), run_verdict_name(r->verdict), cause_name(r->cause),
		r->text, r->image_sha256, r->image_name, r->build_id, I(r->image_bytes), I(r->counts.passed),
		I(r->counts.failed), I(r->counts.ignored), I(r->counts.missing), I(r->counts.crashed),
		I(r->counts.error), I(r->counts.waived), I(r->counts.expected), r->cases_total, I(r->console_bytes),
		I(r->console_dropped), r->console_sha256, r->core, r->have, r->queued_at_us, r->assigned_at_us,
		r->started_at_us, r->finished_at_us, r->asked, r->facts, r->identity);
}

static int put_progress(struct db *db, const struct progress_record *r, struct err *err)
{
	return db_run(db, err, "UPDATE run SET have = ?, console_bytes = ?, console_dropped = ? WHERE id = ?", "iiii",
		      r->have, I(r->console_bytes), I(r->console_dropped), r->run);
}

static int put_step(struct db *db, const struct step_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO step (run, serial, org, step, phase, row, ended, cause, text, begun_at_us, took_us,"
		      " flash_written) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (run, serial) DO UPDATE SET ended = excluded.ended, cause = excluded.cause,"
		      " text = excluded.text, took_us = excluded.took_us, flash_written = excluded.flash_written",
		      "iitttiittiii", r->run, r->serial, r->org, r->step, r->phase == STEP_BACK ? "back" : "forward",
		      I(r->row), I(r->ended), cause_name(r->cause), r->text, r->begun_at_us, r->took_us,
		      I(r->flash_written));
}

static int put_case(struct db *db, const struct case_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO case_result (run, serial, org, suite_group, name, verdict, message, required,"
		      " waived_ignore, console_from, console_to, begun_at_us, ended_at_us, category,"
		      " standing, waiver) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (run, serial) DO NOTHING",
		      "iitttttiiiiiitti", r->run, r->serial, r->org, r->group, r->name, case_verdict_name(r->verdict),
		      r->message, I(r->required), I(r->waived_ignore), I(r->offset), I(r->end), r->begun_at_us,
		      r->ended_at_us, case_category_name(r->category), case_standing_name(r->standing), r->waiver);
}

static int put_measurement(struct db *db, const struct measurement_record *r, struct err *err)
{
	const struct measurement *m = &r->measured;

	return db_run(db, err,
		      "INSERT INTO measurement (run, serial, number, org, board_type, suite_group, case_name, name,"
		      " unit, value, verdict, low, high, basis, console_from, console_to)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (run, serial, number) DO NOTHING",
		      "iiitttttt"
		      "dtddtii",
		      r->run, r->serial, I(r->index), r->org, r->board_type, r->group, r->name, m->name, m->unit,
		      m->verdict == MEASURE_MISSING ? NULL : &m->value, measure_verdict_name(m->verdict),
		      m->has_low ? &m->low : NULL, m->has_high ? &m->high : NULL, m->basis, I(m->offset), I(m->end));
}

static int put_artefact(struct db *db, const struct artefact_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO artefact (run, name, org, kind, size_bytes, sha256, present, content, created_at_us)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, name) DO NOTHING",
		      "itttititi", r->run, r->name, r->org, r->kind, I(r->size_bytes), r->sha256, I(r->text != NULL),
		      r->text, r->created_at_us);
}

static int put_waiver(struct db *db, const struct waiver_record *r, struct err *err)
{
	int rc = apply_need_org(db, r->org, err);

	if (rc)
		return rc;
	return db_run(db, err,
		      "INSERT INTO waiver (id, org, board_type, cases, author, reason, intermittent, created_at_us,"
		      " from_us, until_us, withdrawn_at_us, withdrawn_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (id) DO UPDATE SET withdrawn_at_us = excluded.withdrawn_at_us,"
		      " withdrawn_by = excluded.withdrawn_by",
		      "ittttt"
		      "iiiii"
		      "t",
		      r->id, r->org, r->board_type, r->cases, r->author, r->reason, I(r->intermittent),
		      r->created_at_us, r->from_us, r->until_us, r->withdrawn_at_us, r->withdrawn_by);
}

static int put_diagnosis(struct db *db, const struct diagnosis_record *r, struct err *err)
{
	return db_run(
		db, err,
		"INSERT INTO diagnosis (job, org, run, cause, failing, failing_known, origin, sibling, again, golden,"
		" neighbour) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (job) DO UPDATE SET origin = excluded.origin",
		"ititiitiiii", r->job, r->org, r->run, cause_name(r->cause), r->failing, I(r->failing_known),
		origin_name(r->origin), r->sibling, r->again, r->golden, r->neighbour);
}

static int put_golden(struct db *db, const struct golden_record *r, struct err *err)
{
	if (r->removed)
		return db_run(db, err, "DELETE FROM golden WHERE org = ? AND board_type = ?", "tt", r->org,
			      r->board_type);
	return db_run(db, err,
		      "INSERT OR REPLACE INTO golden (org, board_type, image_sha256, image_name, build_id, "
		      "image_bytes, suite,"
		      " spec, set_by, set_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		      "tttttittti", r->org, r->board_type, r->image.sha256, r->image.name, r->image.build_id,
		      (int64_t)r->image.size_bytes, r->suite, r->spec, r->set_by, r->set_at_us);
}

static int put_held_image(struct db *db, const struct held_image_record *r, struct err *err)
{
	if (r->released)
		return db_run(db, err, "DELETE FROM held_image WHERE org = ? AND image_sha256 = ?", "tt", r->org,
			      r->sha256);
	return db_run(db, err,
		      "INSERT OR REPLACE INTO held_image (org, image_sha256, image_name, held_at_us, evidence)"
		      " VALUES (?, ?, ?, ?, ?)",
		      "tttit", r->org, r->sha256, r->name, r->held_at_us, r->evidence);
}

static int put_tried_image(struct db *db, const struct tried_image_record *r, struct err *err)
{
	if (r->forgotten)
		return db_run(db, err, "DELETE FROM tried_image WHERE org = ? AND image_sha256 = ? AND board_type = ?",
			      "ttt", r->org, r->sha256, r->board_type);
	return db_run(db, err,
		      "INSERT OR REPLACE INTO tried_image (org, image_sha256, board_type, run, known_at_us)"
		      " VALUES (?, ?, ?, nullif(?, 0), ?)",
		      "tttii", r->org, r->sha256, r->board_type, r->run, r->known_at_us);
}

static int put_accepted(struct db *db, const struct accepted_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO accepted_value (run, serial, number, org, board_type, case_name, name, unit, value,"
		      " job, accepted_by, accepted_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (run, serial, number) DO NOTHING",
		      "iiittttt"
		      "diti",
		      r->run, r->serial, I(r->index), r->org, r->board_type, r->case_name, r->name, r->unit, &r->value,
		      r->job, r->accepted_by, r->accepted_at_us);
}

static int put_board(struct db *db, const struct board_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO board (name, org, type, agent, state, reason, unique_id, virtual, fence,"
		      " changed_at_us, hold, held_by, held_why, held_at_us, unproven, recover_wanted, checks_failed,"
		      " runs_since_pass, proven_at_us)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (name) DO UPDATE SET type = excluded.type, agent = excluded.agent,"
		      " state = excluded.state, reason = excluded.reason, unique_id = excluded.unique_id,"
		      " virtual = excluded.virtual, fence = excluded.fence, changed_at_us = excluded.changed_at_us,"
		      " hold = excluded.hold, held_by = excluded.held_by, held_why = excluded.held_why,"
		      " held_at_us = excluded.held_at_us, unproven = excluded.unproven,"
		      " recover_wanted = excluded.recover_wanted, checks_failed = excluded.checks_failed,"
		      " runs_since_pass = excluded.runs_since_pass, proven_at_us = excluded.proven_at_us",
		      "tttttttiiitttitiiii", r->name, r->org, r->type, r->agent, board_state_name(r->state), r->reason,
		      r->unique_id, I(r->is_virtual), r->fence, r->changed_at_us, board_hold_name(r->hold), r->held_by,
		      r->held_why, r->held_at_us, r->unproven, I(r->recover_wanted), I(r->checks_failed),
		      I(r->runs_since_pass), r->proven_at_us);
}

static int put_time(struct db *db, const struct board_time_record *r, struct err *err)
{
	const int64_t *us = r->day.us;

	return db_run(db, err,
		      "INSERT INTO board_time (board, day, org, idle_us, staging_us, power_us, flash_us,"
		      " running_us, recovering_us, checking_us, leased_us, offline_us, kind, since_us)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (board, day) DO UPDATE SET idle_us = excluded.idle_us,"
		      " staging_us = excluded.staging_us, power_us = excluded.power_us, flash_us = excluded.flash_us,"
		      " running_us = excluded.running_us, recovering_us = excluded.recovering_us,"
		      " checking_us = excluded.checking_us, leased_us = excluded.leased_us,"
		      " offline_us = excluded.offline_us, kind = excluded.kind, since_us = excluded.since_us",
		      "titiiiiiiiiiti", r->board, r->day.day, r->org, us[TIME_IDLE], us[TIME_STAGING], us[TIME_POWER],
		      us[TIME_FLASH], us[TIME_RUNNING], us[TIME_RECOVERING], us[TIME_CHECKING], us[TIME_LEASED],
		      us[TIME_OFFLINE], r->since_us ? time_kind_name(r->kind) : "", r->since_us);
}

static int put_hold(struct db *db, const struct hold_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO hold (job, org, holder, why, asked_ms, grace_ms, granted_at_us, until_us, warned,"
		      " from_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (job) DO UPDATE SET holder = excluded.holder, asked_ms = excluded.asked_ms,"
		      " granted_at_us = excluded.granted_at_us, until_us = excluded.until_us, warned = excluded.warned",
		      "itttiiiiii", r->job, r->org, r->holder, r->why, r->asked_ms, r->grace_ms, r->granted_at_us,
		      r->until_us, I(r->warned), r->from_us);
}

static int put_lease(struct db *db, const struct lease_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO lease (board, fence, org, run, begun_at_us, ended_at_us) VALUES (?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (board, fence) DO UPDATE SET ended_at_us = excluded.ended_at_us",
		      "titiii", r->board, r->fence, r->org, r->run, r->begun_at_us, r->ended_at_us);
}

static int put_recovery_rung(struct db *db, const struct recovery_record *r, size_t i, struct err *err)
{
	const struct ladder_try *entry = &r->tries[i];

	return db_run(
		db, err,
		"INSERT INTO recovery_rung (board, begun_at_us, number, org, agent, board_type, rung, result, cause,"
		" text, took_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		"tiittttttti", r->board, r->begun_at_us, I(i), r->org, r->agent, r->board_type,
		recovery_rung_name(entry->rung), rung_result_name(entry->result), cause_name(entry->cause), entry->text,
		entry->took_us);
}

static int put_recovery(struct db *db, const struct recovery_record *r, struct err *err)
{
	int rc = db_run(
		db, err,
		"INSERT INTO recovery (board, begun_at_us, org, agent, board_type, cause, text, state, helped_by,"
		" rungs, ended_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (board, begun_at_us) DO UPDATE SET state = excluded.state, rungs = excluded.rungs,"
		" helped_by = excluded.helped_by, ended_at_us = excluded.ended_at_us",
		"titttttttii", r->board, r->begun_at_us, r->org, r->agent, r->board_type, cause_name(r->cause), r->text,
		ladder_end_name(r->end), r->helped ? recovery_rung_name(r->helped_by) : "", I(r->count),
		r->ended_at_us);

	for (size_t i = 0; rc == 0 && i < r->count; i++)
		rc = put_recovery_rung(db, r, i, err);
	return rc;
}

static int put_wear(struct db *db, const struct wear_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT OR REPLACE INTO wear (board, org, unique_id, sectors, erases, worst, worst_address, worn,"
		      " changed_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		      "ttttiiiii", r->board, r->org, r->unique_id, r->sectors, I(r->erases), I(r->worst),
		      I(r->worst_address), I(r->worn), r->changed_at_us);
}

static int put_agent(struct db *db, const struct agent_record *r, struct err *err)
{
	int rc = apply_need_org(db, r->org, err);

	if (rc)
		return rc;
	return db_run(db, err,
		      "INSERT INTO agent (name, org, version, boot, online, seen_at_us) VALUES (?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (name) DO UPDATE SET version = excluded.version, boot = excluded.boot,"
		      " online = excluded.online, seen_at_us = excluded.seen_at_us",
		      "ttttii", r->name, r->org, r->version, r->boot, I(r->online), r->seen_at_us);
}

static int put_type(struct db *db, const struct board_type_record *r, struct err *err)
{
	int rc = apply_need_org(db, r->org, err);

	if (rc)
		return rc;
	return db_run(db, err,
		      "INSERT INTO board_type (name, org, body, changed_at_us) VALUES (?, ?, ?, ?)"
		      " ON CONFLICT (name) DO UPDATE SET body = excluded.body, changed_at_us = excluded.changed_at_us",
		      "ttti", r->name, r->org, r->body, r->changed_at_us);
}

static int put_suite(struct db *db, const struct suite_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO suite (name, org, version, text, changed_at_us) VALUES (?, ?, ?, ?, ?)"
		      " ON CONFLICT (name) DO UPDATE SET version = excluded.version, text = excluded.text,"
		      " changed_at_us = excluded.changed_at_us",
		      "tttti", r->name, r->org, r->version, r->text, r->changed_at_us);
}

static int put_org(struct db *db, const struct org_record *r, struct err *err)
{
	int rc = apply_need_org(db, r->name, err);

	if (rc)
		return rc;
	return db_run(db, err,
		      "INSERT INTO org_share (org, weight, cap, guaranteed, changed_at_us) VALUES (?, ?, ?, ?, ?)"
		      " ON CONFLICT (org) DO UPDATE SET weight = excluded.weight, cap = excluded.cap,"
		      " guaranteed = excluded.guaranteed, changed_at_us = excluded.changed_at_us",
		      "tiiii", r->name, I(r->weight), I(r->cap), I(r->guaranteed), r->changed_at_us);
}

static int put_member(struct db *db, const struct member_record *r, struct err *err)
{
	int rc = apply_need_org(db, r->org, err);

	if (rc)
		return rc;
	return db_run(db, err,
		      "INSERT INTO member_share (org, name, weight, changed_at_us) VALUES (?, ?, ?, ?)"
		      " ON CONFLICT (org, name) DO UPDATE SET weight = excluded.weight,"
		      " changed_at_us = excluded.changed_at_us",
		      "ttii", r->org, r->name, I(r->weight), r->changed_at_us);
}

static int put_drain(struct db *db, const struct drain_record *r, struct err *err)
{
	if (!r->draining)
		return db_run(db, err, "DELETE FROM drain WHERE agent = ? AND hub = ?", "tt", r->agent, r->hub);
	return db_run(db, err,
		      "INSERT INTO drain (agent, hub, org, drained_by, why, at_us) VALUES (?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (agent, hub) DO UPDATE SET drained_by = excluded.drained_by, why = excluded.why,"
		      " at_us = excluded.at_us",
		      "ttttti", r->agent, r->hub, r->org, r->by, r->why, r->at_us);
}

static int put_event(struct db *db, const struct event_record *r, struct err *err)
{
	return db_run(
		db, err,
		"INSERT INTO event (seq, at_us, type, org, job, run, board, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		"iittiitt", r->seq, r->at_us, event_type_name(r->type), r->org, r->job, r->run, r->board, r->body);
}

static int put(struct db *db, struct console_writer *console, const struct record *record, struct err *err)
{
	switch (record->kind) {
	case RECORD_JOB:
		return put_job(db, record->as.job, err);
	case RECORD_RUN:
		return put_run(db, record->as.run, err);
	case RECORD_PROGRESS:
		return put_progress(db, record->as.progress, err);
	case RECORD_STEP:
		return put_step(db, record->as.step, err);
	case RECORD_CASE:
		return put_case(db, record->as.result, err);
	case RECORD_MEASUREMENT:
		return put_measurement(db, record->as.measurement, err);
	case RECORD_ARTEFACT:
		return put_artefact(db, record->as.artefact, err);
	case RECORD_ORG:
		return put_org(db, record->as.organisation, err);
	case RECORD_MEMBER:
		return put_member(db, record->as.member, err);
	case RECORD_DRAIN:
		return put_drain(db, record->as.drain, err);
	case RECORD_DEBTS:
		return db_run(db, err,
			      "INSERT INTO meta (key, value) VALUES ('share_debts', ?)"
			      " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
			      "t", record->as.debts->body);
	case RECORD_WAIVER:
		return put_waiver(db, record->as.waiver, err);
	case RECORD_DIAGNOSIS:
		return put_diagnosis(db, record->as.diagnosis, err);
	case RECORD_GOLDEN:
		return put_golden(db, record->as.golden, err);
	case RECORD_HELD_IMAGE:
		return put_held_image(db, record->as.held_image, err);
	case RECORD_TRIED_IMAGE:
		return put_tried_image(db, record->as.tried_image, err);
	case RECORD_ACCEPTED:
		return put_accepted(db, record->as.accepted, err);
	case RECORD_SCHEDULE:
	case RECORD_DROP:
	case RECORD_NIGHT:
	case RECORD_SUMMARY:
	case RECORD_ACCEPTANCE:
	case RECORD_DELIVERY:
	case RECORD_SECRET:
		return apply_of_nights(db, record, err);
	case RECORD_BOARD:
		return put_board(db, record->as.board, err);
	case RECORD_BOARD_TIME:
		return put_time(db, record->as.time, err);
	case RECORD_HOLD:
		return put_hold(db, record->as.hold, err);
	case RECORD_LEASE:
		return put_lease(db, record->as.lease, err);
	case RECORD_WEAR:
		return put_wear(db, record->as.wear, err);
	case RECORD_RECOVERY:
		return put_recovery(db, record->as.recovery, err);
	case RECORD_AGENT:
		return put_agent(db, record->as.agent, err);
	case RECORD_BOARD_TYPE:
		return put_type(db, record->as.type, err);
	case RECORD_SUITE:
		return put_suite(db, record->as.suite, err);
	case RECORD_EVENT:
		return put_event(db, record->as.event, err);
	case RECORD_CONSOLE:
		return console_put(db, console, record->as.console, err);
	}
	return err_set(err, ERR_INVALID, "a record of kind %d", (int)record->kind);
}

int apply_change(struct db *db, struct console_writer *console, const struct change *change,
		 const struct record **ret_failed, struct err *err)
{
	list_for_each (link, &change->records) {
		const struct record *record = list_container(link, const struct record, link);
		int rc = record->superseded ? 0 : put(db, console, record, err);

		if (rc) {
			*ret_failed = record;
			return rc;
		}
	}
	return 0;
}
