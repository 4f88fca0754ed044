/* SPDX-License-Identifier: Apache-2.0 */
/* A run's steps and cases, never more of them than the asker has room for. */
#include "core/base/json.h"
#include "daemon/store/query.h"

#define TEXT_MAX 4096

json_t *query_text(sqlite3_stmt *row, int column)
{
	return json_text(db_text(row, column), TEXT_MAX);
}

json_t *query_number(sqlite3_stmt *row, int column)
{
	return json_integer(db_int(row, column));
}

static json_t *step_json(sqlite3_stmt *row)
{
	json_t *step = json_object();
	bool ended = db_int(row, 3) != 0;

	json_put(&step, "step", query_text(row, 0));
	json_put(&step, "phase", query_text(row, 1));
	json_put(&step, "row", query_number(row, 2));
	json_put(&step, "cause", query_text(row, 4));
	json_put(&step, "text", query_text(row, 5));
	json_put(&step, "begun_at_us", query_number(row, 6));
	json_put(&step, "took_us", ended ? query_number(row, 7) : json_null());
	return step;
}

/* Hands the row over, and lets go of it. */
static int give(json_t *object, reader_row_fn on_row, void *context, struct err *err)
{
	int rc = object ? on_row(context, object, err) : err_set(err, ERR_NOMEM, "out of memory");

	json_decref(object);
	return rc;
}

int query_each_step(const struct query_place *place, int64_t run, int64_t limit, reader_row_fn on_row, void *context,
		    struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT step, phase, row, ended, cause, text, begun_at_us, took_us FROM step"
					 " WHERE run = ? ORDER BY serial LIMIT ?",
					 err);
	bool more = true;
	int rc = row ? db_bind(row, "ii", run, limit) : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more)
		rc = give(step_json(row), on_row, context, err);
	if (row)
		sqlite3_reset(row);
	return rc;
}

static json_t *case_json(sqlite3_stmt *row)
{
	json_t *result = json_object();

	json_put(&result, "group", query_text(row, 0));
	json_put(&result, "name", query_text(row, 1));
	json_put(&result, "verdict", query_text(row, 2));
	json_put(&result, "message", query_text(row, 3));
	json_put(&result, "required", json_boolean(db_int(row, 4)));
	json_put(&result, "waived_ignore", json_boolean(db_int(row, 5)));
	json_put(&result, "category", query_text(row, 11));
	json_put(&result, "standing", query_text(row, 12));
	json_put(&result, "waiver", query_number(row, 13));
	json_put(&result, "measurements", json_loads(db_text(row, 14), 0, NULL));
	json_put(&result, "offset", query_number(row, 6));
	json_put(&result, "end", query_number(row, 7));
	json_put(&result, "begun_at_us", query_number(row, 8));
	json_put(&result, "ended_at_us", query_number(row, 9));
	return result;
}

/* Of the case_result row, in the order of the console; as measurement_to_json, but with null for what is not there. */
#define MEASUREMENTS                                                                                                   \
	" (SELECT json_group_array(json(body)) FROM (SELECT json_object('name', m.name, 'value', value, 'unit', unit," \
	" 'verdict', m.verdict, 'low', low, 'high', high, 'basis', basis, 'offset', m.console_from,"                   \
	" 'end', m.console_to) AS body FROM measurement AS m WHERE m.run = ?1 AND m.serial = c.serial ORDER BY "       \
	"number))"

#define CASES(first)                                                                                                   \
	"SELECT suite_group, name, verdict, message, required, waived_ignore, console_from, console_to, begun_at_us,"  \
	" ended_at_us, " first ", category, standing, waiver," MEASUREMENTS " FROM "

/* Of a run that told each case once, as nearly all do: ten times as fast as the other, for it sorts nothing. */
#define CASES_TOLD_ONCE CASES("serial") "case_result AS c WHERE run = ?1 AND serial > ?2 ORDER BY serial LIMIT ?3"
#define CASES_TOLD_AGAIN                                                                                               \
	CASES("first")                                                                                                 \
	"(SELECT min(serial) AS first, max(serial) AS last FROM case_result WHERE run = ?1 GROUP BY suite_group, "     \
	"name)"                                                                                                        \
	" JOIN case_result AS c ON run = ?1 AND serial = last WHERE first > ?2 ORDER BY first LIMIT ?3"

static sqlite3_stmt *cases_of(const struct query_place *place, int64_t run, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT 1 FROM case_result WHERE run = ? GROUP BY suite_group, name"
					 " HAVING count(*) > 1 LIMIT 1",
					 err);
	bool again = false;
	int rc = row ? db_bind(row, "i", run) : (int)err->code;

	if (rc == 0)
		rc = db_step(place->db, row, &again, err);
	if (row)
		sqlite3_reset(row);
	if (rc)
		return NULL;
	return db_statement(place->db, again ? CASES_TOLD_AGAIN : CASES_TOLD_ONCE, err);
}

/* A case is told again when a later result changes it: its last word counts, in the place of its first. ret_last: that
 * place of the last case read; asking on after it misses none. */
int query_each_case(const struct query_place *place, int64_t run, int64_t after, int64_t limit, reader_row_fn on_row,
		    void *context, int64_t *ret_last, struct err *err)
{
	sqlite3_stmt *row = cases_of(place, run, err);
	bool more = true;
	int rc = row ? db_bind(row, "iii", run, after, limit) : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more) {
		if (ret_last)
			*ret_last = db_int(row, 10);
		rc = give(case_json(row), on_row, context, err);
	}
	if (row)
		sqlite3_reset(row);
	return rc;
}

static int keep(void *context, const json_t *row, struct err *err)
{
	json_t *list = context;

	return json_array_append(list, (json_t *)(uintptr_t)row) ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

static json_t *next_json(bool full, int64_t last)
{
	return full ? json_integer(last) : json_null();
}

int query_add_details(const struct query_place *place, json_t *run, size_t *left, struct err *err)
{
	int64_t id = json_integer_value(json_object_get(run, "id")), last = 0;
	json_t *steps = json_array(), *cases = json_array(), *artefacts = json_array();
	int rc = query_each_step(place, id, (int64_t)*left, keep, steps, err);

	*left -= json_array_size(steps);
	if (rc == 0)
		rc = query_each_case(place, id, 0, (int64_t)*left, keep, cases, &last, err);
	*left -= json_array_size(cases);
	if (rc == 0)
		rc = query_list_artefacts(place, id, &artefacts, err);
	if (rc == 0 && (json_object_set(run, "artefacts", artefacts) || json_object_set(run, "steps", steps) ||
			json_object_set(run, "cases", cases) ||
			json_object_set_new(run, "cases_next", next_json(*left == 0, last))))
		rc = err_set(err, ERR_NOMEM, "out of memory");
	json_decref(steps);
	json_decref(cases);
	json_decref(artefacts);
	return rc;
}

int query_may_see_run(const struct query_place *place, const struct principal *who, int64_t run, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, "SELECT 1 FROM run WHERE id = ? AND (? OR org = ?)", err);
	bool found = false;
	int rc = row ? db_bind(row, "iit", run, query_sees_all(who), who->org) : (int)err->code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !found)
		rc = err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)run);
	return rc;
}

int query_cases(const struct query_place *place, const struct principal *who, const struct query *query,
		struct answer *answer)
{
	size_t limit = query->limit > 0 && query->limit <= ARCHIVE_MAX_ROWS ? (size_t)query->limit : ARCHIVE_MAX_ROWS;
	json_t *cases = json_array();
	int64_t last = query->after;
	int rc = query_may_see_run(place, who, query->id, &answer->err);

	if (rc == 0)
		rc = query_each_case(place, query->id, query->after, (int64_t)limit, keep, cases, &last, &answer->err);
	answer->json = json_object();
	json_put(&answer->json, "run", json_integer(query->id));
	json_put(&answer->json, "next", next_json(json_array_size(cases) == limit, last));
	json_put(&answer->json, "cases", cases);
	return rc;
}
