/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of boards, of their hosts, and of the images that are good or bad for them. */
#include "daemon/store/apply.h"

#define I(value) ((int64_t)(value))

static int put_board(struct db *db, const struct board_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO board (name, org, type, agent, state, reason, unique_id, virtual, fence,"
		      " changed_at_us, hold, held_by, held_why, held_at_us, unproven, recover_wanted, checks_failed,"
		      " runs_since_pass, proven_at_us, checks_spoiled, flashed_run, fell_out, forgiven, busy)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?, ?)"
		      " ON CONFLICT (name) DO UPDATE SET type = excluded.type, agent = excluded.agent,"
		      " state = excluded.state, reason = excluded.reason, unique_id = excluded.unique_id,"
		      " virtual = excluded.virtual, fence = excluded.fence, changed_at_us = excluded.changed_at_us,"
		      " hold = excluded.hold, held_by = excluded.held_by, held_why = excluded.held_why,"
		      " held_at_us = excluded.held_at_us, unproven = excluded.unproven,"
		      " recover_wanted = excluded.recover_wanted, checks_failed = excluded.checks_failed,"
		      " runs_since_pass = excluded.runs_since_pass, proven_at_us = excluded.proven_at_us,"
		      " checks_spoiled = excluded.checks_spoiled, flashed_run = excluded.flashed_run,"
		      " fell_out = excluded.fell_out, forgiven = excluded.forgiven,"
		      " busy = excluded.busy",
		      "tttttttiiitttitiiiiiiiii", r->name, r->org, r->type, r->agent, board_state_name(r->state),
		      r->reason, r->unique_id, I(r->is_virtual), r->fence, r->changed_at_us, board_hold_name(r->hold),
		      r->held_by, r->held_why, r->held_at_us, r->unproven, I(r->recover_wanted), I(r->checks_failed),
		      I(r->runs_since_pass), r->proven_at_us, I(r->checks_spoiled), r->flashed_run, I(r->fell_out),
		      I(r->forgiven), I(r->busy));
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

static int put_lease(struct db *db, const struct lease_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO lease (board, fence, org, run, begun_at_us, ended_at_us) VALUES (?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (board, fence) DO UPDATE SET ended_at_us = excluded.ended_at_us",
		      "titiii", r->board, r->fence, r->org, r->run, r->begun_at_us, r->ended_at_us);
}

static int put_wear(struct db *db, const struct wear_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT OR REPLACE INTO wear (board, org, unique_id, sectors, erases, worst, worst_address, worn,"
		      " changed_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		      "ttttiiiii", r->board, r->org, r->unique_id, r->sectors, I(r->erases), I(r->worst),
		      I(r->worst_address), I(r->worn), r->changed_at_us);
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
		      "INSERT OR REPLACE INTO held_image (org, image_sha256, image_name, held_at_us, struck_at_us,"
		      " evidence) VALUES (?, ?, ?, ?, ?, ?)",
		      "tttiit", r->org, r->sha256, r->name, r->held_at_us, r->struck_at_us, r->evidence);
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

int apply_of_boards(struct db *db, const struct record *record, struct err *err)
{
	switch (record->kind) {
	case RECORD_BOARD:
		return put_board(db, record->as.board, err);
	case RECORD_BOARD_TIME:
		return put_time(db, record->as.time, err);
	case RECORD_LEASE:
		return put_lease(db, record->as.lease, err);
	case RECORD_WEAR:
		return put_wear(db, record->as.wear, err);
	case RECORD_RECOVERY:
		return put_recovery(db, record->as.recovery, err);
	case RECORD_AGENT:
		return put_agent(db, record->as.agent, err);
	case RECORD_DRAIN:
		return put_drain(db, record->as.drain, err);
	case RECORD_BOARD_TYPE:
		return put_type(db, record->as.type, err);
	case RECORD_GOLDEN:
		return put_golden(db, record->as.golden, err);
	case RECORD_HELD_IMAGE:
		return put_held_image(db, record->as.held_image, err);
	case RECORD_TRIED_IMAGE:
		return put_tried_image(db, record->as.tried_image, err);
	default:
		return err_set(err, ERR_INVALID, "a record of kind %d is not of a board", (int)record->kind);
	}
}
