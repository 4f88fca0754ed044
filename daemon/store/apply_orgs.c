/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of what an organisation has, and of what it holds its firmware to. */
#include "daemon/store/apply.h"

#define I(value) ((int64_t)(value))

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

static int put_debts(struct db *db, const struct debts_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO meta (key, value) VALUES ('share_debts', ?)"
		      " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		      "t", r->body);
}

static int put_suite(struct db *db, const struct suite_record *r, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO suite (name, org, version, text, changed_at_us) VALUES (?, ?, ?, ?, ?)"
		      " ON CONFLICT (name) DO UPDATE SET version = excluded.version, text = excluded.text,"
		      " changed_at_us = excluded.changed_at_us",
		      "tttti", r->name, r->org, r->version, r->text, r->changed_at_us);
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

int apply_of_orgs(struct db *db, const struct record *record, struct err *err)
{
	switch (record->kind) {
	case RECORD_ORG:
		return put_org(db, record->as.organisation, err);
	case RECORD_MEMBER:
		return put_member(db, record->as.member, err);
	case RECORD_DEBTS:
		return put_debts(db, record->as.debts, err);
	case RECORD_SUITE:
		return put_suite(db, record->as.suite, err);
	case RECORD_WAIVER:
		return put_waiver(db, record->as.waiver, err);
	case RECORD_ACCEPTED:
		return put_accepted(db, record->as.accepted, err);
	default:
		return err_set(err, ERR_INVALID, "a record of kind %d is not of an organisation", (int)record->kind);
	}
}
