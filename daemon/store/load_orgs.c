/* SPDX-License-Identifier: Apache-2.0 */
/* What a farm is rebuilt from: what organisations have, and what they hold their firmware to. */
#include "core/base/mem.h"
#include "daemon/store/load.h"
#include <stdlib.h>

static void add_org(struct farm_records *records, sqlite3_stmt *row)
{
	struct org_record *org = LOAD_APPEND(records->orgs, records->org_count);

	LOAD_TEXT(0, org->name);
	org->weight = (uint32_t)db_int(row, 1);
	org->cap = (uint32_t)db_int(row, 2);
	org->guaranteed = (uint32_t)db_int(row, 3);
	org->changed_at_us = db_int(row, 4);
}

static void add_member(struct farm_records *records, sqlite3_stmt *row)
{
	struct member_record *member = LOAD_APPEND(records->members, records->member_count);

	LOAD_TEXT(0, member->org);
	LOAD_TEXT(1, member->name);
	member->weight = (uint32_t)db_int(row, 2);
	member->changed_at_us = db_int(row, 3);
}

static void add_debts(struct farm_records *records, sqlite3_stmt *row)
{
	free(records->debts);
	records->debts = mem_text(db_text(row, 0));
}

static void add_suite(struct farm_records *records, sqlite3_stmt *row)
{
	struct suite_record *suite = LOAD_APPEND(records->suites, records->suite_count);

	LOAD_TEXT(0, suite->name);
	LOAD_TEXT(1, suite->org);
	LOAD_TEXT(2, suite->version);
	suite->text = mem_text(db_text(row, 3));
	suite->changed_at_us = db_int(row, 4);
}

static void add_waiver(struct farm_records *records, sqlite3_stmt *row)
{
	struct waiver_record *waiver = LOAD_APPEND(records->waivers, records->waiver_count);

	waiver->id = db_int(row, 0);
	LOAD_TEXT(1, waiver->org);
	LOAD_TEXT(2, waiver->board_type);
	LOAD_TEXT(3, waiver->cases);
	LOAD_TEXT(4, waiver->author);
	LOAD_TEXT(5, waiver->reason);
	waiver->intermittent = db_int(row, 6) != 0;
	waiver->created_at_us = db_int(row, 7);
	waiver->from_us = db_int(row, 8);
	waiver->until_us = db_int(row, 9);
	waiver->withdrawn_at_us = db_int(row, 10);
	LOAD_TEXT(11, waiver->withdrawn_by);
}

static void add_accepted(struct farm_records *records, sqlite3_stmt *row)
{
	struct accepted_record *accepted = LOAD_APPEND(records->accepted, records->accepted_count);

	accepted->run = db_int(row, 0);
	accepted->serial = db_int(row, 1);
	accepted->index = (uint32_t)db_int(row, 2);
	LOAD_TEXT(3, accepted->org);
	LOAD_TEXT(4, accepted->board_type);
	LOAD_TEXT(5, accepted->case_name);
	LOAD_TEXT(6, accepted->name);
	LOAD_TEXT(7, accepted->unit);
	accepted->value = db_double(row, 8);
	accepted->job = db_int(row, 9);
	LOAD_TEXT(10, accepted->accepted_by);
	accepted->accepted_at_us = db_int(row, 11);
}

const struct load_table load_orgs[] = {
	{"SELECT organisation.name, ifnull(weight, 100), ifnull(cap, 0), ifnull(guaranteed, 0), ifnull(changed_at_us, "
	 "0)"
	 " FROM organisation LEFT JOIN org_share ON org_share.org = organisation.name",
	 add_org},
	{"SELECT org, name, weight, changed_at_us FROM member_share", add_member},
	{"SELECT value FROM meta WHERE key = 'share_debts'", add_debts},
	{"SELECT name, org, version, text, changed_at_us FROM suite", add_suite},
	{"SELECT id, org, board_type, cases, author, reason, intermittent, created_at_us, from_us, until_us,"
	 " withdrawn_at_us, withdrawn_by FROM waiver ORDER BY id",
	 add_waiver},
	{"SELECT run, serial, number, org, board_type, case_name, name, unit, value, job, accepted_by, accepted_at_us"
	 " FROM (SELECT *, row_number() OVER (PARTITION BY org, board_type, case_name, name, unit"
	 " ORDER BY accepted_at_us DESC, run DESC, serial DESC, number DESC) AS age FROM accepted_value)"
	 " WHERE age <= 50 ORDER BY accepted_at_us, run, serial, number",
	 add_accepted},
	{NULL, NULL},
};
