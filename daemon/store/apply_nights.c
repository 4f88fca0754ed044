/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of schedules, drops, nights, and who is told of them. */
#include "daemon/store/apply.h"

#define I(value) ((int64_t)(value))

static int put_schedule(struct db *db, const struct schedule_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO schedule (org, name, author, paused, removed, changed_at_us, dealt_us, text)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org, name) DO UPDATE SET author = excluded.author,"
		      " paused = excluded.paused, removed = excluded.removed, changed_at_us = excluded.changed_at_us,"
		      " dealt_us = excluded.dealt_us, text = excluded.text",
		      "tttiiiit", r->org, r->name, r->author, I(r->paused), I(r->removed), r->changed_at_us,
		      r->dealt_us, r->text);
}

static int put_drop(struct db *db, const struct drop_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO artefact_drop (org, name, version, author, created_at_us, files)"
		      " VALUES (?, ?, ?, ?, ?, ?)",
		      "ttitit", r->org, r->name, r->version, r->author, r->created_at_us, r->files);
}

static int put_night(struct db *db, const struct night_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO night (id, org, schedule, state, summarised, text, due_us, begun_at_us,"
		      " finished_at_us, cells) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, CASE ?10 WHEN '' THEN '[]' ELSE ?10"
		      " END) ON CONFLICT (id) DO UPDATE SET state = excluded.state, summarised = excluded.summarised,"
		      " text = excluded.text, begun_at_us = excluded.begun_at_us,"
		      " finished_at_us = excluded.finished_at_us,"
		      " cells = CASE excluded.cells WHEN '[]' THEN cells ELSE excluded.cells END",
		      "ittti"
		      "tiiit",
		      r->id, r->org, r->schedule, night_stage_name(r->stage), I(r->summarised), r->text, r->due_us,
		      r->begun_at_us, r->finished_at_us, r->cells);
}

static int put_summary(struct db *db, const struct summary_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO night_summary (night, org, before, json, text) VALUES (?, ?, ?, ?, ?)"
		      " ON CONFLICT (night) DO NOTHING",
		      "ititt", r->night, r->org, r->before, r->json, r->text);
}

static int put_acceptance(struct db *db, const struct acceptance_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO night_acceptance (night, org, accepted_by, accepted_at_us) VALUES (?, ?, ?, ?)"
		      " ON CONFLICT (night) DO NOTHING",
		      "itti", r->night, r->org, r->accepted_by, r->accepted_at_us);
}

/* What else is for the same target waits with one that was not taken, and goes at once behind one that was. */
static int move_others(struct db *db, const struct delivery_record *r, struct err *err)
{
	if (r->state == DELIVERY_IS_DELIVERED)
		return db_run(db, err,
			      "UPDATE delivery SET next_at_us = min(next_at_us, ?1) WHERE state = 'pending'"
			      " AND kind = ?2 AND target = ?3",
			      "itt", r->next_at_us, delivery_kind_name(r->kind), r->target);
	return db_run(db, err,
		      "UPDATE delivery SET next_at_us = max(next_at_us, ?1), text = CASE tries WHEN 0 THEN"
		      " 'waits: what came before it was not taken' ELSE text END WHERE state = 'pending' AND kind = ?2"
		      " AND target = ?3 AND (night <> ?4 OR number <> ?5)",
		      "ittii", r->next_at_us, delivery_kind_name(r->kind), r->target, r->night, I(r->number));
}

static int put_delivery(struct db *db, const struct delivery_record *r, struct err *err)
{
	int rc =
		db_run(db, err,
		       "INSERT INTO delivery (night, number, org, kind, state, target, secret, tries, next_at_us, text)"
		       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (night, number) DO UPDATE SET"
		       " state = excluded.state, tries = excluded.tries, next_at_us = excluded.next_at_us,"
		       " text = excluded.text",
		       "iittt"
		       "ttiit",
		       r->night, I(r->number), r->org, delivery_kind_name(r->kind), delivery_state_name(r->state),
		       r->target, r->secret, I(r->tries), r->next_at_us, r->text);

	return rc || r->tries == 0 ? rc : move_others(db, r, err);
}

static int put_secret(struct db *db, const struct secret_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO secret (org, name, author, removed, created_at_us, value) VALUES (?, ?, ?, ?, ?, ?)"
		      " ON CONFLICT (org, name) DO UPDATE SET author = excluded.author, removed = excluded.removed,"
		      " created_at_us = excluded.created_at_us, value = excluded.value",
		      "tttiit", r->org, r->name, r->author, I(r->removed), r->created_at_us, r->value);
}

static const char *org_of(const struct record *record)
{
	switch (record->kind) {
	case RECORD_SCHEDULE:
		return record->as.schedule->org;
	case RECORD_DROP:
		return record->as.drop->org;
	case RECORD_SECRET:
		return record->as.secret->org;
	default:
		return NULL; /* its organisation is there since its schedule is */
	}
}

int apply_of_nights(struct db *db, const struct record *record, struct err *err)
{
	const char *org = org_of(record);
	int rc = org ? apply_need_org(db, org, err) : 0;

	if (rc)
		return rc;
	switch (record->kind) {
	case RECORD_SCHEDULE:
		return put_schedule(db, record->as.schedule, err);
	case RECORD_DROP:
		return put_drop(db, record->as.drop, err);
	case RECORD_NIGHT:
		return put_night(db, record->as.night, err);
	case RECORD_SUMMARY:
		return put_summary(db, record->as.summary, err);
	case RECORD_ACCEPTANCE:
		return put_acceptance(db, record->as.acceptance, err);
	case RECORD_DELIVERY:
		return put_delivery(db, record->as.delivery, err);
	case RECORD_SECRET:
		return put_secret(db, record->as.secret, err);
	default:
		return err_set(err, ERR_INVALID, "a record of kind %d is not of a night", (int)record->kind);
	}
}
