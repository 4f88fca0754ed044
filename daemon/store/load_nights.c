/* SPDX-License-Identifier: Apache-2.0 */
/* What a farm is rebuilt from: schedules, drops, and the nights that are not over. */
#include "core/base/mem.h"
#include "daemon/store/load.h"

static void add_schedule(struct farm_records *records, sqlite3_stmt *row)
{
	struct schedule_record *schedule = LOAD_APPEND(records->schedules, records->schedule_count);

	LOAD_TEXT(0, schedule->org);
	LOAD_TEXT(1, schedule->name);
	LOAD_TEXT(2, schedule->author);
	schedule->paused = db_int(row, 3) != 0;
	schedule->changed_at_us = db_int(row, 4);
	schedule->dealt_us = db_int(row, 5);
	schedule->text = mem_text(db_text(row, 6));
}

static void add_drop(struct farm_records *records, sqlite3_stmt *row)
{
	struct drop_record *drop = LOAD_APPEND(records->drops, records->drop_count);

	LOAD_TEXT(0, drop->org);
	LOAD_TEXT(1, drop->name);
	drop->version = db_int(row, 2);
	LOAD_TEXT(3, drop->author);
	drop->created_at_us = db_int(row, 4);
	drop->files = mem_text(db_text(row, 5));
}

static void add_night(struct farm_records *records, sqlite3_stmt *row)
{
	struct night_record *night = LOAD_APPEND(records->nights, records->night_count);

	night->id = db_int(row, 0);
	LOAD_TEXT(1, night->org);
	LOAD_TEXT(2, night->schedule);
	(void)night_stage_parse(db_text(row, 3), &night->stage);
	LOAD_TEXT(4, night->text);
	night->due_us = db_int(row, 5);
	night->begun_at_us = db_int(row, 6);
	night->finished_at_us = db_int(row, 7);
	night->cells = night->stage == NIGHT_IS_RUNNING ? mem_text(db_text(row, 8)) : NULL;
}

static void add_secret(struct farm_records *records, sqlite3_stmt *row)
{
	struct secret_record *secret = LOAD_APPEND(records->secrets, records->secret_count);

	LOAD_TEXT(0, secret->org);
	LOAD_TEXT(1, secret->name);
	LOAD_TEXT(2, secret->author);
	secret->created_at_us = db_int(row, 3);
	LOAD_TEXT(4, secret->value);
}

const struct load_table load_nights[] = {
	{"SELECT org, name, author, paused, changed_at_us, dealt_us, text FROM schedule WHERE removed = 0",
	 add_schedule},
	{"SELECT org, name, max(version), author, created_at_us, files FROM artefact_drop GROUP BY org, name",
	 add_drop},
	{"SELECT id, org, schedule, state, text, due_us, begun_at_us, finished_at_us, cells FROM night"
	 " WHERE state IN ('waiting', 'running') OR (state = 'finished' AND summarised = 0) ORDER BY id",
	 add_night},
	{"SELECT org, name, author, created_at_us, value FROM secret WHERE removed = 0", add_secret},
	{NULL, NULL},
};
