/* SPDX-License-Identifier: Apache-2.0 */
/* What a farm is rebuilt from: boards, their hosts, and the images that are good or bad for them. */
#include "core/base/mem.h"
#include "daemon/store/load.h"

static void add_board(struct farm_records *records, sqlite3_stmt *row)
{
	struct board_record *board = LOAD_APPEND(records->boards, records->board_count);

	LOAD_TEXT(0, board->name);
	LOAD_TEXT(1, board->org);
	LOAD_TEXT(2, board->type);
	LOAD_TEXT(3, board->agent);
	(void)board_state_parse(db_text(row, 4), &board->state);
	LOAD_TEXT(5, board->reason);
	LOAD_TEXT(6, board->unique_id);
	board->is_virtual = db_int(row, 7) != 0;
	board->fence = db_int(row, 8);
	board->changed_at_us = db_int(row, 9);
	(void)board_hold_parse(db_text(row, 10), &board->hold);
	LOAD_TEXT(11, board->held_by);
	LOAD_TEXT(12, board->held_why);
	board->held_at_us = db_int(row, 13);
	LOAD_TEXT(14, board->unproven);
	board->recover_wanted = db_int(row, 15) != 0;
	board->checks_failed = (uint32_t)db_int(row, 16);
	board->runs_since_pass = (uint32_t)db_int(row, 17);
	board->proven_at_us = db_int(row, 18);
	board->recovery_begun_at_us = db_int(row, 19);
	board->recovery_rungs = (size_t)db_int(row, 20);
	board->recovery_ended = db_int(row, 21) != 0;
	board->checks_spoiled = (uint32_t)db_int(row, 22);
	board->flashed_run = db_int(row, 23);
	board->fell_out = db_int(row, 24) != 0;
	board->forgiven = db_int(row, 25) != 0;
	board->busy = (uint32_t)db_int(row, 26);
}

static void add_board_image(struct farm_records *records, sqlite3_stmt *row)
{
	struct board_image_record *image = LOAD_APPEND(records->board_images, records->board_image_count);

	LOAD_TEXT(0, image->board);
	image->run = db_int(row, 1);
	image->is_open = db_int(row, 2) != 0;
	image->is_lease = db_int(row, 3) != 0;
	LOAD_TEXT(4, image->org);
	LOAD_TEXT(5, image->sha256);
	LOAD_TEXT(6, image->name);
	LOAD_TEXT(7, image->board_type);
}

static void add_wear(struct farm_records *records, sqlite3_stmt *row)
{
	struct wear_record *wear = LOAD_APPEND(records->wears, records->wear_count);

	LOAD_TEXT(0, wear->board);
	LOAD_TEXT(1, wear->org);
	LOAD_TEXT(2, wear->unique_id);
	wear->sectors = mem_text(db_text(row, 3));
	wear->erases = (uint64_t)db_int(row, 4);
	wear->worst = (uint32_t)db_int(row, 5);
	wear->worst_address = (uint32_t)db_int(row, 6);
	wear->worn = db_int(row, 7) != 0;
	wear->changed_at_us = db_int(row, 8);
}

static void add_time(struct farm_records *records, sqlite3_stmt *row)
{
	struct board_time_record *time = LOAD_APPEND(records->times, records->time_count);

	LOAD_TEXT(0, time->board);
	LOAD_TEXT(1, time->org);
	time->day.day = db_int(row, 2);
	(void)time_kind_parse(db_text(row, 3), &time->kind);
	time->since_us = db_int(row, 4);
	for (int i = 0; i < TIME_KIND_COUNT; i++)
		time->day.us[i] = db_int(row, 5 + i); /* the columns are in the kinds' order */
}

static void add_lease(struct farm_records *records, sqlite3_stmt *row)
{
	struct lease_record *lease = LOAD_APPEND(records->leases, records->lease_count);

	LOAD_TEXT(0, lease->board);
	lease->fence = db_int(row, 1);
	LOAD_TEXT(2, lease->org);
	lease->run = db_int(row, 3);
	lease->begun_at_us = db_int(row, 4);
}

static void add_agent(struct farm_records *records, sqlite3_stmt *row)
{
	struct agent_record *agent = LOAD_APPEND(records->agents, records->agent_count);

	LOAD_TEXT(0, agent->name);
	LOAD_TEXT(1, agent->org);
	LOAD_TEXT(2, agent->version);
	LOAD_TEXT(3, agent->boot);
	agent->online = db_int(row, 4) != 0;
	agent->seen_at_us = db_int(row, 5);
}

static void add_drain(struct farm_records *records, sqlite3_stmt *row)
{
	struct drain_record *drain = LOAD_APPEND(records->drains, records->drain_count);

	LOAD_TEXT(0, drain->agent);
	LOAD_TEXT(1, drain->hub);
	LOAD_TEXT(2, drain->org);
	drain->draining = true;
	LOAD_TEXT(3, drain->by);
	LOAD_TEXT(4, drain->why);
	drain->at_us = db_int(row, 5);
}

static void add_type(struct farm_records *records, sqlite3_stmt *row)
{
	struct board_type_record *type = LOAD_APPEND(records->types, records->type_count);

	LOAD_TEXT(0, type->name);
	LOAD_TEXT(1, type->org);
	type->body = mem_text(db_text(row, 2));
	type->changed_at_us = db_int(row, 3);
}

static void add_golden(struct farm_records *records, sqlite3_stmt *row)
{
	struct golden_record *golden = LOAD_APPEND(records->goldens, records->golden_count);

	LOAD_TEXT(0, golden->org);
	LOAD_TEXT(1, golden->board_type);
	LOAD_TEXT(2, golden->image.sha256);
	LOAD_TEXT(3, golden->image.name);
	LOAD_TEXT(4, golden->image.build_id);
	golden->image.size_bytes = (uint64_t)db_int(row, 5);
	LOAD_TEXT(6, golden->suite);
	golden->spec = mem_text(db_text(row, 7));
	LOAD_TEXT(8, golden->set_by);
	golden->set_at_us = db_int(row, 9);
}

static void add_held_image(struct farm_records *records, sqlite3_stmt *row)
{
	struct held_image_record *held = LOAD_APPEND(records->held_images, records->held_image_count);

	LOAD_TEXT(0, held->org);
	LOAD_TEXT(1, held->sha256);
	LOAD_TEXT(2, held->name);
	held->held_at_us = db_int(row, 3);
	held->struck_at_us = db_int(row, 4);
	LOAD_TEXT(5, held->evidence);
}

static void add_tried_image(struct farm_records *records, sqlite3_stmt *row)
{
	struct tried_image_record *tried = LOAD_APPEND(records->tried_images, records->tried_image_count);

	LOAD_TEXT(0, tried->org);
	LOAD_TEXT(1, tried->sha256);
	LOAD_TEXT(2, tried->board_type);
	tried->run = db_int(row, 3);
	tried->known_at_us = db_int(row, 4);
}

const struct load_table load_boards[] = {
	{"SELECT b.name, b.org, b.type, b.agent, b.state, b.reason, b.unique_id, b.virtual, b.fence, b.changed_at_us,"
	 " b.hold, b.held_by, b.held_why, b.held_at_us, b.unproven, b.recover_wanted, b.checks_failed, "
	 "b.runs_since_pass,"
	 " b.proven_at_us, coalesce(r.begun_at_us, 0), coalesce(r.rungs, 0), coalesce(r.ended_at_us, 0),"
	 " b.checks_spoiled, coalesce(b.flashed_run, 0), b.fell_out, b.forgiven, b.busy FROM board b"
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
	{"SELECT board, fence, org, run, begun_at_us FROM lease WHERE ended_at_us = 0", add_lease},
	{"SELECT name, org, version, boot, online, seen_at_us FROM agent", add_agent},
	{"SELECT agent, hub, org, drained_by, why, at_us FROM drain", add_drain},
	{"SELECT name, org, body, changed_at_us FROM board_type", add_type},
	{"SELECT org, board_type, image_sha256, image_name, build_id, image_bytes, suite, spec, set_by, set_at_us"
	 " FROM golden",
	 add_golden},
	{"SELECT org, image_sha256, image_name, held_at_us, struck_at_us, evidence FROM held_image"
	 " ORDER BY struck_at_us",
	 add_held_image},
	{"SELECT b.name, r.id, 0, 0, r.org, r.image_sha256, r.image_name, r.board_type"
	 " FROM board b JOIN run r ON r.id = b.flashed_run",
	 add_board_image},
	{"SELECT r.board, r.id, 1, j.kind = 'lease', r.org, r.image_sha256, r.image_name, r.board_type"
	 " FROM run r JOIN job j ON j.id = r.job WHERE r.state <> 'finished' AND r.state = 'running'"
	 " AND EXISTS (SELECT 1 FROM step s WHERE s.run = r.id AND s.step = 'flash' AND s.phase = 'forward'"
	 " AND s.ended = 1 AND s.cause = 'none')",
	 add_board_image},
	{"SELECT org, image_sha256, board_type, run, known_at_us FROM tried_image ORDER BY known_at_us",
	 add_tried_image},
	{NULL, NULL},
};
