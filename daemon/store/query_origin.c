/* SPDX-License-Identifier: Apache-2.0 */
/* Where a run's failure comes from, and the further runs that tell. */
#include "core/base/json.h"
#include "core/health/origin.h"
#include "daemon/store/query.h"

static json_t *run_or_null(sqlite3_stmt *row, int column)
{
	return db_int(row, column) ? json_integer(db_int(row, column)) : json_null();
}

static json_t *origin_json(sqlite3_stmt *row)
{
	static const char *const names[] = {"sibling", "again", "golden", "neighbour"};
	json_t *object = json_object(), *runs = json_object();
	enum origin origin = ORIGIN_NONE;

	(void)origin_parse(db_text(row, 1), &origin);
	for (int i = 0; i < 4; i++)
		json_put(&runs, names[i], run_or_null(row, 2 + i));
	json_put(&object, "origin", json_string(origin_name(origin)));
	json_put(&object, "text", json_string(origin_text(origin)));
	json_put(&object, "job", json_integer(db_int(row, 0)));
	json_put(&object, "runs", runs);
	return object;
}

int query_add_origin(const struct query_place *place, json_t *run, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT job, origin, sibling, again, golden, neighbour FROM diagnosis"
					 " WHERE run = ? ORDER BY job DESC LIMIT 1",
					 err);
	bool found = false;
	int rc = row ? db_bind(row, "i", (int64_t)json_integer_value(json_object_get(run, "id"))) : (int)err->code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0)
		json_put(&run, "origin", found ? origin_json(row) : json_null());
	if (row)
		sqlite3_reset(row);
	return rc;
}
