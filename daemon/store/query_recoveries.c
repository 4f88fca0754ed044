/* SPDX-License-Identifier: Apache-2.0 */
/* How boards were helped: a board's climbs of the recovery ladder, and what each rung is worth. */
#include "core/base/json.h"
#include "daemon/store/query.h"

/* Runs what is bound; each row becomes one element of *list. */
static int each(struct db *db, sqlite3_stmt *row, json_t *(*to_json)(sqlite3_stmt *row), json_t **list, struct err *err)
{
	bool more = true;
	int rc = 0;

	while (rc == 0 && (rc = db_step(db, row, &more, err)) == 0 && more)
		json_push(list, to_json(row));
	return rc;
}

static json_t *rung_json(sqlite3_stmt *row)
{
	json_t *rung = json_object();

	json_put(&rung, "rung", query_text(row, 0));
	json_put(&rung, "result", query_text(row, 1));
	json_put(&rung, "cause", query_text(row, 2));
	json_put(&rung, "text", query_text(row, 3));
	json_put(&rung, "took_us", query_number(row, 4));
	return rung;
}

static json_t *recovery_json(sqlite3_stmt *row)
{
	json_t *recovery = json_object();

	json_put(&recovery, "begun_at_us", query_number(row, 0));
	json_put(&recovery, "ended_at_us", query_number(row, 1));
	json_put(&recovery, "cause", query_text(row, 2));
	json_put(&recovery, "text", query_text(row, 3));
	json_put(&recovery, "state", query_text(row, 4));
	json_put(&recovery, "helped_by", query_text(row, 5));
	return recovery;
}

static int add_rungs(const struct query_place *place, const char *board, json_t *recoveries, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT rung, result, cause, text, took_us FROM recovery_rung"
					 " WHERE board = ? AND begun_at_us = ? ORDER BY number",
					 err);
	json_t *recovery;
	size_t i;
	int rc = row ? 0 : (int)err->code;

	json_array_foreach(recoveries, i, recovery)
	{
		int64_t begun_at_us = json_integer_value(json_object_get(recovery, "begun_at_us"));
		json_t *rungs = json_array();

		if (rc == 0)
			rc = db_bind(row, "ti", board, begun_at_us);
		if (rc == 0)
			rc = each(place->db, row, rung_json, &rungs, err);
		json_put(&recovery, "rungs", rungs);
		if (row)
			sqlite3_reset(row);
	}
	return rc;
}

int query_board_recoveries(const struct query_place *place, const struct principal *who, const struct query *query,
			   struct answer *answer)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT begun_at_us, ended_at_us, cause, text, state, helped_by FROM recovery"
					 " WHERE board = ?1 AND (?2 OR org = ?3) AND (?4 = 0 OR begun_at_us < ?4)"
					 " ORDER BY begun_at_us DESC LIMIT ?5",
					 &answer->err);
	json_t *list = json_array();
	int rc = row ? db_bind(row, "titii", query->name, query_sees_all(who), who->org, query->before, query->limit)
		     : (int)answer->err.code;

	if (rc == 0)
		rc = each(place->db, row, recovery_json, &list, &answer->err);
	if (row)
		sqlite3_reset(row);
	if (rc == 0)
		rc = add_rungs(place, query->name, list, &answer->err);
	answer->json = json_object();
	json_put(&answer->json, "board", json_string(query->name));
	json_put(&answer->json, "recoveries", list);
	return rc;
}

static json_t *figure_json(sqlite3_stmt *row)
{
	json_t *figure = json_object();

	json_put(&figure, "board_type", query_text(row, 0));
	json_put(&figure, "agent", query_text(row, 1));
	json_put(&figure, "rung", query_text(row, 2));
	json_put(&figure, "tried", query_number(row, 3));
	json_put(&figure, "helped", query_number(row, 4));
	json_put(&figure, "median_us", query_number(row, 5));
	json_put(&figure, "p90_us", query_number(row, 6));
	return figure;
}

/* By board type, or by rack: the other is ''. Times are of the tries that helped; median and 90th percentile are the
 * values at those places, which were really measured. */
#define FIGURES(type, agent)                                                                                           \
	"WITH tried AS (SELECT " type " AS type, " agent " AS rack, rung, result, took_us,"                            \
	" row_number() OVER (PARTITION BY " type ", " agent ", rung, result ORDER BY took_us) AS place,"               \
	" count(*) OVER (PARTITION BY " type ", " agent ", rung, result) AS of FROM recovery_rung"                     \
	" WHERE result IN ('helped', 'failed') AND (?1 OR org = ?2))"                                                  \
	" SELECT type, rack, rung, count(*), sum(result = 'helped'),"                                                  \
	" coalesce(max(CASE WHEN result = 'helped' AND place = (of + 1) / 2 THEN took_us END), 0),"                    \
	" coalesce(max(CASE WHEN result = 'helped' AND place = (9 * of + 9) / 10 THEN took_us END), 0)"                \
	" FROM tried GROUP BY type, rack, rung ORDER BY type, rack, min(CASE rung WHEN 'look' THEN 0"                  \
	" WHEN 'line-reset' THEN 1 WHEN 'target-reset' THEN 2 WHEN 'under-reset' THEN 3 WHEN 'probe-restart' THEN 4"   \
	" WHEN 'usb-reset' THEN 5 ELSE 6 END)"

static int add_figures(const struct query_place *place, const struct principal *who, const char *sql, json_t **list,
		       struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, sql, err);
	int rc = row ? db_bind(row, "it", query_sees_all(who), who->org) : (int)err->code;

	if (rc == 0)
		rc = each(place->db, row, figure_json, list, err);
	if (row)
		sqlite3_reset(row);
	return rc;
}

int query_recovery_figures(const struct query_place *place, const struct principal *who, const struct query *query,
			   struct answer *answer)
{
	json_t *by_type = json_array(), *by_rack = json_array();
	int rc = add_figures(place, who, FIGURES("board_type", "''"), &by_type, &answer->err);

	(void)query;
	if (rc == 0)
		rc = add_figures(place, who, FIGURES("''", "agent"), &by_rack, &answer->err);
	answer->json = json_object();
	json_put(&answer->json, "by_type", by_type);
	json_put(&answer->json, "by_rack", by_rack);
	return rc;
}
