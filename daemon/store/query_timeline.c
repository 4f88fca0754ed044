/* SPDX-License-Identifier: Apache-2.0 */
/* Who had which board when: the table of leases, board by board from the newest back, with what ran under them. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/farm/record_sizes.h"
#include "daemon/store/query.h"

#define MAX_BOARDS INT64_C(512)
#define MAX_ROWS   INT64_C(12000) /* of all boards together */
#define MIN_ROWS   INT64_C(24)    /* of each */
#define PIECES     300 /* of the time asked for; what is shorter than one is told together with its neighbours */

/* Runs told as one: the newest first, so begun goes back as it grows. */
struct span {
	int64_t begun_at_us, ended_at_us; /* ended: 0 while it is open */
	int64_t busy_us;                  /* of it, up to the end: between the runs of several nothing ran */
	int64_t runs, bad;
	int64_t run, job, queued_at_us;
	bool seen; /* who asks may know what it was */
	char org[ORG_MAX];
	char kind[16];
	char verdict[24];
	char name[FARM_TEXT_MAX];
};

/* How much a verdict matters to who looks at the whole. */
static int weight_of(const char *verdict)
{
	static const char *const words[] = {"none", "passed", "cancelled", "inconclusive", "infrastructure", "failed"};
	const int count = (int)(sizeof(words) / sizeof(words[0]));
	int i = 0;

	while (i < count && strcmp(words[i], verdict) != 0)
		i++;
	return i % count;
}

static bool is_bad(const char *verdict)
{
	return weight_of(verdict) > weight_of("cancelled");
}

static void read_span(sqlite3_stmt *row, const struct principal *who, struct span *span)
{
	*span = (struct span){.begun_at_us = db_int(row, 0), .ended_at_us = db_int(row, 1), .runs = 1};
	span->busy_us = span->ended_at_us ? span->ended_at_us - span->begun_at_us : 0;
	db_text_into(row, 2, span->org, sizeof(span->org));
	span->seen = query_sees_all(who) || strcmp(span->org, who->org) == 0;
	span->run = db_int(row, 3);
	span->job = db_int(row, 4);
	span->queued_at_us = db_int(row, 5);
	db_text_into(row, 6, span->verdict, sizeof(span->verdict));
	db_text_into(row, 7, span->kind, sizeof(span->kind));
	db_text_into(row, 8, span->name, sizeof(span->name));
	span->bad = is_bad(span->verdict);
}

static json_t *span_json(const struct span *span)
{
	json_t *object = json_object();

	json_put(&object, "begun_at_us", json_integer(span->begun_at_us));
	json_put(&object, "ended_at_us", json_integer(span->ended_at_us));
	json_put(&object, "busy_us", json_integer(span->busy_us));
	json_put(&object, "runs", json_integer(span->runs));
	if (!span->seen)
		return object;
	json_put(&object, "org", json_string(span->org));
	json_put(&object, "kind", json_string(span->kind));
	json_put(&object, "run", json_integer(span->run));
	json_put(&object, "job", json_integer(span->job));
	json_put(&object, "name", json_text(span->name, sizeof(span->name)));
	json_put(&object, "verdict", json_string(span->verdict));
	json_put(&object, "queued_at_us", json_integer(span->queued_at_us));
	json_put(&object, "bad", json_integer(span->bad));
	return object;
}

/* Takes an older span into a newer one, when both together are too short to be told apart in the whole. */
static bool span_join(struct span *newer, const struct span *older, int64_t piece_us)
{
	if (newer->runs == 0 || newer->ended_at_us == 0 || older->ended_at_us == 0 || newer->seen != older->seen)
		return false;
	if (newer->ended_at_us - older->begun_at_us >= piece_us)
		return false;
	if (newer->seen && (strcmp(newer->org, older->org) != 0 || strcmp(newer->kind, older->kind) != 0))
		return false;
	newer->begun_at_us = older->begun_at_us;
	newer->busy_us += older->busy_us;
	newer->runs += older->runs;
	newer->bad += older->bad;
	if (weight_of(older->verdict) > weight_of(newer->verdict)) {
		newer->run = older->run;
		newer->job = older->job;
		newer->queued_at_us = older->queued_at_us;
		mem_text_into(newer->verdict, sizeof(newer->verdict), older->verdict);
		mem_text_into(newer->name, sizeof(newer->name), older->name);
	}
	return true;
}

/* *ret_from_us: from when on the spans are all there are. */
static int read_spans(const struct query_place *place, const struct principal *who, const struct query *query,
		      const char *board, int64_t rows, json_t **spans, int64_t *ret_from_us, struct err *err)
{
	sqlite3_stmt *row = db_statement(
		place->db,
		"SELECT lease.begun_at_us, lease.ended_at_us, lease.org, lease.run, run.job, run.queued_at_us,"
		" run.verdict, job.kind, job.name FROM lease JOIN run ON run.id = lease.run JOIN job ON job.id = "
		"run.job"
		" WHERE lease.board = ? ORDER BY lease.fence DESC LIMIT ?",
		err);
	int64_t piece_us = (query->before - query->after) / PIECES, left = rows;
	struct span last = {.runs = 0}, span;
	bool more = true;
	int rc = row ? db_bind(row, "ti", board, rows) : (int)err->code;

	*ret_from_us = query->after;
	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more) {
		left--;
		read_span(row, who, &span);
		if (span.ended_at_us != 0 && span.ended_at_us <= query->after)
			break;
		if (left == 0 && span.begun_at_us > query->after)
			*ret_from_us = span.begun_at_us;
		if (span_join(&last, &span, piece_us))
			continue;
		if (last.runs > 0)
			json_push(spans, span_json(&last));
		last = span;
	}
	if (last.runs > 0)
		json_push(spans, span_json(&last));
	if (row)
		sqlite3_reset(row);
	return rc;
}

struct row_of_board {
	char name[FARM_NAME_MAX], type[FARM_NAME_MAX], agent[FARM_NAME_MAX];
};

/* At most one more than MAX_BOARDS. The caller owns the array. */
static int read_boards(const struct query_place *place, const struct principal *who, const struct query *query,
		       struct row_of_board **ret_boards, int64_t *ret_count, struct err *err)
{
	sqlite3_stmt *row =
		db_statement(place->db,
			     "SELECT name, type, agent FROM board WHERE (?1 OR org = ?2 OR org = '" ORG_DEFAULT
			     "') AND (?3 = '' OR (?4 AND name = ?3) OR (NOT ?4 AND agent = ?3))"
			     " ORDER BY name LIMIT ?5",
			     err);
	struct row_of_board *boards = mem_alloc_array((size_t)MAX_BOARDS + 1, sizeof(*boards));
	int64_t count = 0;
	bool more = true;
	int rc = row ? db_bind(row, "ittii", query_sees_all(who), who->org, query->name, (int64_t)query->of_board,
			       MAX_BOARDS + 1)
		     : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more) {
		db_text_into(row, 0, boards[count].name, sizeof(boards[count].name));
		db_text_into(row, 1, boards[count].type, sizeof(boards[count].type));
		db_text_into(row, 2, boards[count].agent, sizeof(boards[count].agent));
		count++;
	}
	if (row)
		sqlite3_reset(row);
	*ret_boards = boards;
	*ret_count = count;
	return rc;
}

int query_timeline(const struct query_place *place, const struct principal *who, const struct query *query,
		   struct answer *answer)
{
	struct row_of_board *boards;
	json_t *list = json_array();
	int64_t count, shown, rows;
	int rc = read_boards(place, who, query, &boards, &count, &answer->err);

	shown = count > MAX_BOARDS ? MAX_BOARDS : count;
	rows = MAX_ROWS / (shown > 0 ? shown : 1);
	for (int64_t i = 0; rc == 0 && i < shown; i++) {
		json_t *board = json_object(), *spans = json_array();
		int64_t from_us;

		rc = read_spans(place, who, query, boards[i].name, rows > MIN_ROWS ? rows : MIN_ROWS, &spans, &from_us,
				&answer->err);
		json_put(&board, "board", json_string(boards[i].name));
		json_put(&board, "board_type", json_string(boards[i].type));
		json_put(&board, "rack", json_string(boards[i].agent));
		json_put(&board, "from_us", json_integer(from_us));
		json_put(&board, "spans", spans);
		json_push(&list, board);
	}
	free(boards);
	answer->json = json_object();
	json_put(&answer->json, "from_us", json_integer(query->after));
	json_put(&answer->json, "to_us", json_integer(query->before));
	json_put(&answer->json, "boards", list);
	json_put(&answer->json, "more", json_boolean(count > shown));
	return rc;
}
