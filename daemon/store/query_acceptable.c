/* SPDX-License-Identifier: Apache-2.0 */
/* What a job measured that may become a baseline. */
#include "core/base/json.h"
#include "daemon/store/query.h"

#define ACCEPTABLE_MAX 100000

static json_t *value_json(sqlite3_stmt *row)
{
	json_t *value = json_object();

	json_put(&value, "run", query_number(row, 0));
	json_put(&value, "job", query_number(row, 1));
	json_put(&value, "serial", query_number(row, 2));
	json_put(&value, "index", query_number(row, 3));
	json_put(&value, "org", query_text(row, 4));
	json_put(&value, "board_type", query_text(row, 5));
	json_put(&value, "case", query_text(row, 6));
	json_put(&value, "name", query_text(row, 7));
	json_put(&value, "unit", query_text(row, 8));
	json_put(&value, "value", json_number(db_double(row, 9)));
	json_put(&value, "accepted", json_boolean(db_int(row, 10)));
	return value;
}

/* The last word of each case of each run that passed. */
static int read_values(const struct query_place *place, int64_t job, json_t **values, struct err *err)
{
	sqlite3_stmt *row =
		db_statement(place->db,
			     "SELECT m.run, r.job, m.serial, m.number, m.org, m.board_type,"
			     " m.suite_group || CASE m.suite_group WHEN '' THEN '' ELSE '.' END || m.case_name, m.name,"
			     " m.unit, m.value, EXISTS (SELECT 1 FROM accepted_value AS a WHERE a.run = m.run"
			     " AND a.serial = m.serial AND a.number = m.number)"
			     " FROM run AS r JOIN (SELECT run, max(serial) AS serial FROM case_result"
			     " WHERE run IN (SELECT id FROM run WHERE job = ?1 AND verdict = 'passed'"
			     " AND EXISTS (SELECT 1 FROM job WHERE id = ?1 AND kind = 'test'))"
			     " GROUP BY run, suite_group, name) AS last ON last.run = r.id"
			     " JOIN case_result AS c ON c.run = r.id AND c.serial = last.serial"
			     " JOIN measurement AS m ON m.run = c.run AND m.serial = c.serial"
			     " WHERE c.verdict = 'pass' AND c.standing IN ('', 'optional')"
			     " AND m.verdict IN ('ok', 'unjudged') ORDER BY m.run, m.serial, m.number LIMIT ?2",
			     err);
	bool more = true;
	int rc = row ? db_bind(row, "ii", job, (int64_t)ACCEPTABLE_MAX) : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more)
		json_push(values, value_json(row));
	if (row)
		sqlite3_reset(row);
	return rc;
}

int query_acceptable(const struct query_place *place, const struct principal *who, const struct query *query,
		     struct answer *answer)
{
	sqlite3_stmt *row =
		db_statement(place->db,
			     "SELECT state, (SELECT count(*) FROM run WHERE job = ?1 AND verdict = 'passed')"
			     " FROM job WHERE id = ?1 AND (?2 OR org = ?3)",
			     &answer->err);
	json_t *values = json_array();
	bool found = false;
	int rc = row ? db_bind(row, "iit", query->id, query_sees_all(who), who->org) : (int)answer->err.code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, &answer->err);
	if (rc == 0 && found) {
		answer->json = json_object();
		json_put(&answer->json, "job", json_integer(query->id));
		json_put(&answer->json, "state", query_text(row, 0));
		json_put(&answer->json, "passed", query_number(row, 1));
	}
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !found)
		rc = err_set(&answer->err, ERR_NOT_FOUND, "there is no job %lld", (long long)query->id);
	if (rc == 0)
		rc = read_values(place, query->id, &values, &answer->err);
	json_put(&answer->json, "values", values);
	return rc;
}
