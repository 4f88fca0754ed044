/* SPDX-License-Identifier: Apache-2.0 */
/* A change's records, one after the other, by what they are about. */
#include "daemon/store/apply.h"

#include "daemon/store/console_short.h"

#include <time.h>

int apply_need_org(struct db *db, const char *org, struct err *err)
{
	return db_run(db, err, "INSERT INTO organisation (name, created_at_us) VALUES (?, ?) ON CONFLICT DO NOTHING",
		      "ti", org, (int64_t)time(NULL) * 1000000);
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
	case RECORD_RUN:
	case RECORD_PROGRESS:
	case RECORD_STEP:
	case RECORD_CASE:
	case RECORD_MEASUREMENT:
	case RECORD_ARTEFACT:
	case RECORD_HOLD:
	case RECORD_DIAGNOSIS:
		return apply_of_jobs(db, record, err);
	case RECORD_BOARD:
	case RECORD_BOARD_TIME:
	case RECORD_LEASE:
	case RECORD_WEAR:
	case RECORD_RECOVERY:
	case RECORD_AGENT:
	case RECORD_DRAIN:
	case RECORD_BOARD_TYPE:
	case RECORD_GOLDEN:
	case RECORD_HELD_IMAGE:
	case RECORD_TRIED_IMAGE:
		return apply_of_boards(db, record, err);
	case RECORD_ORG:
	case RECORD_MEMBER:
	case RECORD_DEBTS:
	case RECORD_SUITE:
	case RECORD_WAIVER:
	case RECORD_ACCEPTED:
		return apply_of_orgs(db, record, err);
	case RECORD_SCHEDULE:
	case RECORD_DROP:
	case RECORD_NIGHT:
	case RECORD_SUMMARY:
	case RECORD_ACCEPTANCE:
	case RECORD_DELIVERY:
	case RECORD_SECRET:
		return apply_of_nights(db, record, err);
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
