/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of jobs and of what their runs did. */
#include "daemon/store/apply.h"

#define I(value) ((int64_t)(value))

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
		" queued_at_us, assigned_at_us, started_at_us, finished_at_us, asked, facts, identity, rejected)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		" ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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
		" started_at_us = excluded.started_at_us, finished_at_us = excluded.finished_at_us,"
		" rejected = excluded.rejected",
		"iitiii"
		"tttt"
		"i"
		"ttttttt"
		"i"
		"iiiiiiiii"
		"iitti"
		"iiii"
		"ttti",
		r->id, r->job, r->org, I(r->index), I(r->spec), I(r->attempt), r->board_type, r->wanted_board, r->board,
		r->agent, r->fence, run_state_name(r->state), run_verdict_name(r->verdict), cause_name(r->cause),
		r->text, r->image_sha256, r->image_name, r->build_id, I(r->image_bytes), I(r->counts.passed),
		I(r->counts.failed), I(r->counts.ignored), I(r->counts.missing), I(r->counts.crashed),
		I(r->counts.error), I(r->counts.waived), I(r->counts.expected), r->cases_total, I(r->console_bytes),
		I(r->console_dropped), r->console_sha256, r->core, r->have, r->queued_at_us, r->assigned_at_us,
		r->started_at_us, r->finished_at_us, r->asked, r->facts, r->identity, I(r->rejected));
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

static int put_hold(struct db *db, const struct hold_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO hold (job, org, holder, why, asked_ms, grace_ms, granted_at_us, until_us, warned,"
		      " from_us, boot, end_us, late) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (job) DO UPDATE SET holder = excluded.holder, asked_ms = excluded.asked_ms,"
		      " granted_at_us = excluded.granted_at_us, until_us = excluded.until_us, warned = excluded.warned,"
		      " boot = excluded.boot, end_us = excluded.end_us, late = excluded.late",
		      "itttiiiiiitii", r->job, r->org, r->holder, r->why, r->asked_ms, r->grace_ms, r->granted_at_us,
		      r->until_us, I(r->warned), r->from_us, r->boot, r->end_us, I(r->late));
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

int apply_of_jobs(struct db *db, const struct record *record, struct err *err)
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
	case RECORD_HOLD:
		return put_hold(db, record->as.hold, err);
	case RECORD_DIAGNOSIS:
		return put_diagnosis(db, record->as.diagnosis, err);
	default:
		return err_set(err, ERR_INVALID, "a record of kind %d is not of a job", (int)record->kind);
	}
}
