/* SPDX-License-Identifier: Apache-2.0 */
/* Nights as the API shows them, and what of them is still to be delivered. */
#include <string.h>

#include "core/base/json.h"
#include "daemon/store/query.h"

#define DELIVERIES_A_LOOK 40

#define NIGHT_COLUMNS                                                                                                  \
	"SELECT id, night.org, schedule, state, night.text, due_us, begun_at_us, finished_at_us, s.before,"            \
	" json_extract(s.json, '$.comparison.counts'), a.accepted_by, a.accepted_at_us,"                               \
	" json_extract(s.json, '$.not_run') FROM night"                                                                \
	" LEFT JOIN night_summary AS s ON s.night = id LEFT JOIN night_acceptance AS a ON a.night = id "

static json_t *text_or_null(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL ? json_null() : query_text(row, column);
}

static json_t *number_or_null(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL ? json_null() : query_number(row, column);
}

static json_t *night_json(sqlite3_stmt *row)
{
	json_t *night = json_object(), *counts = json_loads(db_text(row, 9), 0, NULL);

	json_put(&night, "id", query_number(row, 0));
	json_put(&night, "org", query_text(row, 1));
	json_put(&night, "schedule", query_text(row, 2));
	json_put(&night, "state", query_text(row, 3));
	json_put(&night, "text", query_text(row, 4));
	json_put(&night, "due_us", query_number(row, 5));
	json_put(&night, "begun_at_us", query_number(row, 6));
	json_put(&night, "finished_at_us", query_number(row, 7));
	json_put(&night, "before", number_or_null(row, 8));
	json_put(&night, "counts", counts ? counts : json_null());
	json_put(&night, "not_run", number_or_null(row, 12));
	json_put(&night, "accepted_by", text_or_null(row, 10));
	json_put(&night, "accepted_at_us", number_or_null(row, 11));
	return night;
}

int query_nights(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer)
{
	int64_t limit = query->limit > 0 ? query->limit : 100;
	sqlite3_stmt *row = db_statement(place->db,
					 NIGHT_COLUMNS "WHERE (?1 OR night.org = ?2) AND (?3 = '' OR schedule = ?3)"
						       " AND (?4 = 0 OR id < ?4) ORDER BY id DESC LIMIT ?5",
					 &answer->err);
	json_t *nights = json_array();
	bool more = true;
	int rc = row ? db_bind(row, "ittii", query_sees_all(who), who->org, query->name, query->before,
			       limit > ARCHIVE_MAX_ROWS ? ARCHIVE_MAX_ROWS : limit)
		     : (int)answer->err.code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, &answer->err)) == 0 && more)
		json_push(&nights, night_json(row));
	if (row)
		sqlite3_reset(row);
	answer->json = json_object();
	json_put(&answer->json, "nights", nights);
	return rc;
}

int query_read_night(const struct query_place *place, const struct principal *who, int64_t id, json_t **ret_night,
		     struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, NIGHT_COLUMNS "WHERE id = ? AND (? OR night.org = ?)", err);
	json_t *night = NULL;
	bool found = false;
	int rc = row ? db_bind(row, "iit", id, query_sees_all(who), who->org) : (int)err->code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found)
		night = night_json(row);
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !found)
		rc = err_set(err, ERR_NOT_FOUND, "there is no night %lld", (long long)id);
	if (rc == 0 && !night)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (rc == 0)
		*ret_night = night;
	return rc;
}

static int add_summary(const struct query_place *place, json_t **night, int64_t id, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT cells, s.json, s.text FROM night LEFT JOIN night_summary AS s"
					 " ON s.night = id WHERE id = ?",
					 err);
	bool found = false;
	int rc = row ? db_bind(row, "i", id) : (int)err->code;
	json_t *summary;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found) {
		summary = json_loads(db_text(row, 1), 0, NULL);
		json_put(night, "cells", json_loads(db_text(row, 0), 0, NULL));
		json_put(night, "summary", summary ? summary : json_null());
		json_put(night, "summary_text", text_or_null(row, 2));
	}
	if (row)
		sqlite3_reset(row);
	return rc;
}

static int add_deliveries(const struct query_place *place, json_t **night, int64_t id, struct err *err)
{
	sqlite3_stmt *row =
		db_statement(place->db,
			     "SELECT kind, target, state, tries, next_at_us, text FROM delivery WHERE night = ?"
			     " ORDER BY number",
			     err);
	json_t *list = json_array();
	bool more = true;
	int rc = row ? db_bind(row, "i", id) : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more)
		json_push(&list,
			  json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "kind", db_text(row, 0), "target",
				    db_text(row, 1), "state", db_text(row, 2), "tries", (json_int_t)db_int(row, 3),
				    "next_at_us", (json_int_t)db_int(row, 4), "text", db_text(row, 5)));
	if (row)
		sqlite3_reset(row);
	json_put(night, "deliveries", list);
	return rc;
}

int query_night(const struct query_place *place, const struct principal *who, const struct query *query,
		struct answer *answer)
{
	int rc = query_read_night(place, who, query->id, &answer->json, &answer->err);

	if (rc == 0)
		rc = add_summary(place, &answer->json, query->id, &answer->err);
	if (rc == 0)
		rc = add_deliveries(place, &answer->json, query->id, &answer->err);
	return rc;
}

static json_t *delivery_json(sqlite3_stmt *row)
{
	json_t *delivery = json_object();

	json_put(&delivery, "night", query_number(row, 0));
	json_put(&delivery, "number", query_number(row, 1));
	json_put(&delivery, "org", query_text(row, 2));
	json_put(&delivery, "kind", query_text(row, 3));
	json_put(&delivery, "target", query_text(row, 4));
	json_put(&delivery, "secret", query_text(row, 5));
	json_put(&delivery, "tries", query_number(row, 6));
	json_put(&delivery, "next_at_us", query_number(row, 7));
	json_put(&delivery, "schedule", query_text(row, 8));
	json_put(&delivery, "json", query_text(row, 9));
	json_put(&delivery, "text", query_text(row, 10));
	json_put(&delivery, "value", query_text(row, 11));
	return delivery;
}

/* For each target what is due first: of the row with the least time SQLite takes the other columns too. */
int query_deliveries(const struct query_place *place, const struct principal *who, const struct query *query,
		     struct answer *answer)
{
	sqlite3_stmt *row =
		db_statement(place->db,
			     "SELECT d.night, d.number, d.org, d.kind, d.target, d.secret, d.tries, min(d.next_at_us),"
			     " n.schedule, s.json, s.text, k.value FROM delivery AS d JOIN night AS n ON n.id = d.night"
			     " JOIN night_summary AS s ON s.night = d.night LEFT JOIN secret AS k ON k.org = d.org"
			     " AND k.name = d.secret AND k.removed = 0 WHERE d.state = 'pending'"
			     " GROUP BY d.kind, d.target ORDER BY min(d.next_at_us) LIMIT ?",
			     &answer->err);
	json_t *list = json_array();
	bool more = true;
	int rc = row ? db_bind(row, "i", (int64_t)DELIVERIES_A_LOOK) : (int)answer->err.code;

	(void)query;
	if (rc == 0 && who->role != ROLE_ADMIN)
		rc = err_set(&answer->err, ERR_DENIED, "deliveries are the farm's own business");
	while (rc == 0 && (rc = db_step(place->db, row, &more, &answer->err)) == 0 && more)
		json_push(&list, delivery_json(row));
	if (row)
		sqlite3_reset(row);
	answer->json = json_object();
	json_put(&answer->json, "deliveries", list);
	return rc;
}
