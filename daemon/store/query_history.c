/* SPDX-License-Identifier: Apache-2.0 */
/* What cases did before: results for flake scores, and measured values. */
#include "daemon/store/query_history.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "daemon/store/query.h"

int history_flake(struct db *db, int64_t run, const char *group, const char *name, struct flake *ret_flake,
		  struct err *err)
{
	sqlite3_stmt *row =
		db_statement(db,
			     "SELECT h.image_sha256, h.passed FROM run AS r JOIN case_history AS h ON h.org = r.org"
			     " AND h.board_type = r.board_type WHERE r.id = ?1 AND h.suite_group = ?2 AND h.name = ?3"
			     " ORDER BY h.run DESC LIMIT 100",
			     err);
	int rc = row ? db_bind(row, "itt", run, group, name) : (int)err->code;
	struct flake_history history;
	bool more = true;

	flake_history_init(&history);
	while (rc == 0 && (rc = db_step(db, row, &more, err)) == 0 && more)
		flake_history_add(&history, db_text(row, 0), db_int(row, 1) != 0);
	if (row)
		sqlite3_reset(row);
	if (rc == 0)
		flake_history_score(&history, ret_flake);
	return rc;
}

/* Of each run the last value the case printed. */
int history_values(struct db *db, int64_t run, const char *group, const char *name, const struct measurement *measured,
		   struct reader_value *values, size_t *ret_count, struct err *err)
{
	sqlite3_stmt *row =
		db_statement(db,
			     "SELECT v.run, v.value, EXISTS (SELECT 1 FROM accepted_value AS a WHERE a.run = v.run"
			     " AND a.serial = v.serial AND a.number = v.number) FROM (SELECT m.run, m.value, m.serial,"
			     " m.number, max(m.serial * 1000000 + m.number) FROM run AS r JOIN measurement AS m"
			     " ON m.org = r.org AND m.board_type = r.board_type WHERE r.id = ?1 AND m.suite_group = ?2"
			     " AND m.case_name = ?3 AND m.name = ?4 AND m.unit = ?5 AND m.run <= ?1"
			     " AND m.value IS NOT NULL AND (SELECT kind FROM run AS o JOIN job ON job.id = o.job"
			     " WHERE o.id = m.run) = 'test' GROUP BY m.run ORDER BY m.run DESC LIMIT 50) AS v"
			     " ORDER BY v.run",
			     err);
	int rc = row ? db_bind(row, "itttt", run, group, name, measured->name, measured->unit) : (int)err->code;
	size_t count = 0;
	bool more = true;

	while (rc == 0 && (rc = db_step(db, row, &more, err)) == 0 && more)
		values[count++] = (struct reader_value){db_int(row, 0), db_double(row, 1), db_int(row, 3) != 0};
	if (row)
		sqlite3_reset(row);
	*ret_count = count;
	return rc;
}

/* --- the cases that flake --- */

struct flaky {
	char *org, *board_type, *group, *name;
	struct flake flake;
};

/* The best so far, the surest first. */
struct flakies {
	struct flaky *item; /* room for limit and one */
	size_t count, limit;
};

static void flaky_finish(struct flaky *flaky)
{
	free(flaky->org);
	free(flaky->board_type);
	free(flaky->group);
	free(flaky->name);
}

static void flakies_offer(struct flakies *flakies, const struct flaky *key, const struct flake_history *history)
{
	struct flake flake;
	size_t at;

	flake_history_score(history, &flake);
	at = flakies->count;
	while (at > 0 && flakies->item[at - 1].flake.low < flake.low)
		at--;
	if (flake.flips == 0 || at == flakies->limit)
		return;
	memmove(&flakies->item[at + 1], &flakies->item[at], (flakies->count - at) * sizeof(*flakies->item));
	flakies->item[at] = (struct flaky){mem_text(key->org), mem_text(key->board_type), mem_text(key->group),
					   mem_text(key->name), flake};
	if (flakies->count == flakies->limit)
		flaky_finish(&flakies->item[flakies->count]);
	else
		flakies->count++;
}

static bool same_case(const struct flaky *key, sqlite3_stmt *row)
{
	return key->org && strcmp(key->name, db_text(row, 3)) == 0 && strcmp(key->group, db_text(row, 2)) == 0 &&
	       strcmp(key->board_type, db_text(row, 1)) == 0 && strcmp(key->org, db_text(row, 0)) == 0;
}

/* The history goes by once, case after case. */
static int gather(sqlite3_stmt *row, struct db *db, struct flakies *flakies, struct err *err)
{
	struct flake_history history;
	struct flaky key = {0};
	bool more = true;
	int rc = 0;

	flake_history_init(&history);
	while (rc == 0 && (rc = db_step(db, row, &more, err)) == 0 && more) {
		if (!same_case(&key, row)) {
			flakies_offer(flakies, &key, &history);
			flaky_finish(&key);
			key = (struct flaky){mem_text(db_text(row, 0)),
					     mem_text(db_text(row, 1)),
					     mem_text(db_text(row, 2)),
					     mem_text(db_text(row, 3)),
					     {0}};
			flake_history_init(&history);
		}
		flake_history_add(&history, db_text(row, 4), db_int(row, 5) != 0);
	}
	flakies_offer(flakies, &key, &history);
	flaky_finish(&key);
	return rc;
}

static json_t *flaky_json(const struct flaky *flaky)
{
	json_t *object = json_object();

	json_put(&object, "org", json_string(flaky->org));
	json_put(&object, "board_type", json_string(flaky->board_type));
	json_put(&object, "group", json_string(flaky->group));
	json_put(&object, "name", json_string(flaky->name));
	json_put(&object, "flake", flake_to_json(&flaky->flake));
	return object;
}

/* "" is every type. A type that the farm has never heard of is a slip of the pen, not one without flaky cases. */
static int check_type(struct db *db, const char *type, struct err *err)
{
	sqlite3_stmt *row =
		db_statement(db, "SELECT 1 WHERE ?1 = '' OR EXISTS (SELECT 1 FROM board_type WHERE name = ?1)", err);
	bool known = false;
	int rc = row ? db_bind(row, "t", type) : (int)err->code;

	if (rc == 0)
		rc = db_step(db, row, &known, err);
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !known)
		rc = err_set(err, ERR_NOT_FOUND, "there is no board type \"%s\"", type);
	return rc;
}

/* Of one organisation the primary key finds it. */
#define FLAKES(whose)                                                                                                  \
	"SELECT org, board_type, suite_group, name, image_sha256, passed FROM case_history WHERE " whose               \
	" (?2 = '' OR board_type = ?2) ORDER BY org, board_type, suite_group, name, run DESC"

int query_flakes(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer)
{
	bool all = query_sees_all(who);
	struct flakies flakies = {.limit = query->limit > 0 && query->limit <= ARCHIVE_MAX_ROWS ? (size_t)query->limit
												: ARCHIVE_MAX_ROWS};
	int rc = check_type(place->db, query->name, &answer->err);
	sqlite3_stmt *row;
	json_t *list;

	if (rc)
		return rc;
	row = db_statement(place->db, all ? FLAKES("") : FLAKES("org = ?1 AND"), &answer->err);
	rc = row ? db_bind(row, "tt", who->org, query->name) : (int)answer->err.code;
	list = json_array();
	flakies.item = mem_alloc_array(flakies.limit + 1, sizeof(*flakies.item));
	if (rc == 0)
		rc = gather(row, place->db, &flakies, &answer->err);
	if (row)
		sqlite3_reset(row);
	for (size_t i = 0; i < flakies.count; i++) {
		json_push(&list, flaky_json(&flakies.item[i]));
		flaky_finish(&flakies.item[i]);
	}
	free(flakies.item);
	answer->json = json_object();
	json_put(&answer->json, "flakes", list);
	return rc;
}
