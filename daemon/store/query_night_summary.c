/* SPDX-License-Identifier: Apache-2.0 */
/* What came of a night: its runs and cases read, and compared with those of the night before. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/night/night.h"
#include "daemon/store/night_since.h"
#include "daemon/store/query.h"

#define LINES_OF_A_KIND 50   /* in the text */
#define MAX_CHANGES     5000 /* in the JSON */

/* --- one night's runs and cases --- */

struct reading {
	const struct query_place *place;
	struct night *night;
	struct night_run run;
};

static int told(int rc, struct err *err)
{
	if (rc == ERR_TOO_BIG)
		return err_set(err, ERR_TOO_BIG, "the night has more than %d cases", NIGHT_MAX_CASES);
	return rc ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

static void read_measurements(const json_t *list, struct measurement *measurements, size_t *ret_count)
{
	const json_t *object;
	size_t i, count = 0;

	json_array_foreach(list, i, object)
	{
		struct measurement *m = &measurements[count];
		const char *verdict = json_string_value(json_object_get(object, "verdict"));

		if (count == NIGHT_MAX_VALUES || !json_is_number(json_object_get(object, "value")))
			continue;
		memset(m, 0, sizeof(*m));
		mem_text_into(m->name, sizeof(m->name), json_string_value(json_object_get(object, "name")));
		mem_text_into(m->unit, sizeof(m->unit), json_string_value(json_object_get(object, "unit")));
		m->value = json_number_value(json_object_get(object, "value"));
		m->has_low = json_is_number(json_object_get(object, "low"));
		m->has_high = json_is_number(json_object_get(object, "high"));
		m->verdict = verdict && strcmp(verdict, "out") == 0 ? MEASURE_OUT : MEASURE_OK;
		count++;
	}
	*ret_count = count;
}

static int on_case(void *context, const json_t *row, struct err *err)
{
	struct reading *reading = context;
	struct measurement *measurements = mem_alloc_array(NIGHT_MAX_VALUES, sizeof(*measurements));
	struct case_result result = {.measurements = measurements};
	int rc;

	result.group = (char *)(uintptr_t)json_string_value(json_object_get(row, "group"));
	result.name = (char *)(uintptr_t)json_string_value(json_object_get(row, "name"));
	(void)case_verdict_parse(json_string_value(json_object_get(row, "verdict")), &result.verdict);
	(void)case_standing_parse(json_string_value(json_object_get(row, "standing")), &result.standing);
	read_measurements(json_object_get(row, "measurements"), measurements, &result.measurement_count);
	rc = told(night_add_case(reading->night, &reading->run, &result), err);
	free(measurements);
	return rc;
}

/* The last attempt of each run of each cell. */
#define RUNS                                                                                                           \
	"SELECT json_extract(c.value, '$.suite'), json_extract(c.value, '$.image'), json_extract(c.value, '$.type'),"  \
	" r.id, r.verdict FROM night AS n, json_each(n.cells) AS c JOIN run AS r"                                      \
	" ON r.job = json_extract(c.value, '$.job') AND r.spec >= json_extract(c.value, '$.spec')"                     \
	" AND r.spec < json_extract(c.value, '$.spec') + json_extract(c.value, '$.specs') WHERE n.id = ?"              \
	" AND r.attempt = (SELECT max(attempt) FROM run AS o WHERE o.job = r.job AND o.number = r.number)"             \
	" ORDER BY r.id"

static int read_night(const struct query_place *place, int64_t id, struct night **ret_night, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, RUNS, err);
	struct reading reading = {.place = place};
	char suite[64], image[128], type[64];
	bool more = true;
	int rc = row ? db_bind(row, "i", id) : (int)err->code;

	if (rc == 0)
		rc = told(night_create(&reading.night), err);
	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more) {
		db_text_into(row, 0, suite, sizeof(suite));
		db_text_into(row, 1, image, sizeof(image));
		db_text_into(row, 2, type, sizeof(type));
		reading.run = (struct night_run){suite, image, type, db_int(row, 3), RUN_INCONCLUSIVE};
		(void)run_verdict_parse(db_text(row, 4), &reading.run.verdict);
		rc = told(night_add_run(reading.night, &reading.run), err);
		if (rc == 0)
			rc = query_each_case(place, reading.run.run, 0, INT64_MAX, on_case, &reading, NULL, err);
	}
	if (row)
		sqlite3_reset(row);
	if (rc)
		night_destroy(reading.night);
	else
		*ret_night = reading.night;
	return rc;
}

/* --- what is known from all nights --- */

struct remembering {
	struct db *db;
	char org[ORG_MAX];
};

static bool history_of(struct remembering *memory, const char *type, const char *group, const char *name,
		       struct flake *ret_flake)
{
	sqlite3_stmt *row =
		db_statement(memory->db,
			     "SELECT image_sha256, passed FROM case_history WHERE org = ? AND board_type = ?"
			     " AND suite_group = ? AND name = ? ORDER BY run DESC LIMIT 100",
			     NULL);
	struct flake_history history;
	bool more = true, any = false;

	flake_history_init(&history);
	if (!row || db_bind(row, "tttt", memory->org, type, group, name))
		return false;
	while (db_step(memory->db, row, &more, NULL) == 0 && more) {
		flake_history_add(&history, db_text(row, 0), db_int(row, 1) != 0);
		any = true;
	}
	sqlite3_reset(row);
	flake_history_score(&history, ret_flake);
	return any;
}

/* A group's name may have dots in it too: which one ends it is found by trying. */
static bool remember_flake(void *context, const struct night_run *place, const char *case_name, struct flake *ret_flake)
{
	struct remembering *memory = context;
	char group[512];

	for (const char *dot = strchr(case_name, '.'); dot; dot = strchr(dot + 1, '.')) {
		size_t len = (size_t)(dot - case_name);

		if (len >= sizeof(group))
			return false;
		memcpy(group, case_name, len);
		group[len] = '\0';
		if (history_of(memory, place->type, group, dot + 1, ret_flake))
			return true;
	}
	return history_of(memory, place->type, "", case_name, ret_flake);
}

static bool remember_measure(void *context, const struct night_run *place, const char *case_name, const char *name,
			     const char *unit, struct baseline *ret_baseline, enum measure_better *ret_better)
{
	struct remembering *memory = context;
	sqlite3_stmt *row =
		db_statement(memory->db,
			     "SELECT value FROM accepted_value WHERE org = ? AND board_type = ? AND case_name = ?"
			     " AND name = ? AND unit = ? ORDER BY accepted_at_us DESC, run DESC LIMIT ?",
			     NULL);
	double values[BASELINE_MAX_VALUES];
	size_t count = 0;
	bool more = true;

	(void)ret_better; /* the limits of the values say */
	if (!row ||
	    db_bind(row, "ttttti", memory->org, place->type, case_name, name, unit, (int64_t)BASELINE_MAX_VALUES))
		return false;
	while (count < BASELINE_MAX_VALUES && db_step(memory->db, row, &more, NULL) == 0 && more)
		values[count++] = db_double(row, 0);
	sqlite3_reset(row);
	baseline_of(values, count, ret_baseline);
	return count > 0;
}

/* --- the other night --- */

static int find_before(const struct query_place *place, const json_t *night, const char *compare_with,
		       int64_t *ret_before, struct err *err)
{
	sqlite3_stmt *row =
		db_statement(place->db,
			     "SELECT id FROM night AS n WHERE org = ?1 AND schedule = ?2 AND id < ?3"
			     " AND state = 'finished' AND (?4 = 'previous' OR EXISTS (SELECT 1 FROM night_acceptance"
			     " WHERE night = n.id)) ORDER BY id DESC LIMIT 1",
			     err);
	bool found = false;
	int rc;

	*ret_before = 0;
	if (strcmp(compare_with, "nothing") == 0)
		return 0;
	rc = row ? db_bind(row, "ttit", json_string_value(json_object_get(night, "org")),
			   json_string_value(json_object_get(night, "schedule")),
			   (int64_t)json_integer_value(json_object_get(night, "id")), compare_with)
		 : (int)err->code;
	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found)
		*ret_before = db_int(row, 0);
	if (row)
		sqlite3_reset(row);
	return rc;
}

/* --- put together --- */

static const char *text_in(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool same_place(const json_t *a, const json_t *b)
{
	return strcmp(text_in(a, "suite"), text_in(b, "suite")) == 0 &&
	       strcmp(text_in(a, "image"), text_in(b, "image")) == 0 &&
	       strcmp(text_in(a, "type"), text_in(b, "type")) == 0;
}

/* Each cell of the matrix with what its cases did, also those that did not run. */
static json_t *cells_of(const struct query_place *place, int64_t id, struct night *night)
{
	sqlite3_stmt *row = db_statement(place->db, "SELECT cells FROM night WHERE id = ?", NULL);
	json_t *cells = NULL, *places = night_places_to_json(night), *cell, *found;
	bool more = false;
	size_t i, k;

	if (row && db_bind(row, "i", id) == 0 && db_step(place->db, row, &more, NULL) == 0 && more)
		cells = json_loads(db_text(row, 0), 0, NULL);
	if (row)
		sqlite3_reset(row);
	json_array_foreach(cells, i, cell)
	{
		json_array_foreach(places, k, found)
		{
			if (same_place(cell, found))
				json_object_update(cell, found);
		}
	}
	json_decref(places);
	return cells;
}

static void cut_changes(json_t *comparison)
{
	json_t *changes = json_object_get(comparison, "changes");
	size_t total = json_array_size(changes);

	while (json_array_size(changes) > MAX_CHANGES)
		json_array_remove(changes, json_array_size(changes) - 1);
	json_object_set_new(comparison, "changes_total", json_integer((json_int_t)total));
}

static int write_text(const json_t *night, int64_t before, const struct night_since *since,
		      const struct night_comparison *comparison, const json_t *cells, struct buf *out)
{
	const json_t *cell;
	size_t i;
	int rc = buf_appendf(out, "%s, night %lld", text_in(night, "schedule"),
			     (long long)json_integer_value(json_object_get(night, "id")));

	if (!rc)
		rc = before ? buf_appendf(out, ", compared with night %lld\n", (long long)before)
			    : buf_append_text(out, "\n");
	if (!rc && text_in(night, "text")[0])
		rc = buf_appendf(out, "%s\n", text_in(night, "text"));
	if (!rc)
		rc = night_since_text(since, out);
	if (!rc)
		rc = night_text(comparison, LINES_OF_A_KIND, out);
	json_array_foreach(cells, i, cell)
	{
		if (!rc && text_in(cell, "why")[0])
			rc = buf_appendf(out, "\nNot run: %s, %s on %s: %s", text_in(cell, "suite"),
					 text_in(cell, "image"), text_in(cell, "type"), text_in(cell, "why"));
	}
	return rc ? rc : buf_append_text(out, "\n");
}

static json_int_t count_not_run(const json_t *cells)
{
	json_int_t count = 0;
	const json_t *cell;
	size_t i;

	json_array_foreach(cells, i, cell)
	{
		count += text_in(cell, "why")[0] ? 1 : 0;
	}
	return count;
}

static json_t *summary_json(const json_t *night, int64_t before, const struct night_since *since,
			    const struct night_comparison *comparison, const json_t *cells)
{
	static const char *const same[] = {"schedule", "org", "text", "due_us", "begun_at_us", "finished_at_us", NULL};
	json_t *object = json_object(), *changes = night_to_json(comparison);

	cut_changes(changes);
	json_put(&object, "night", json_incref(json_object_get(night, "id")));
	for (size_t i = 0; same[i]; i++)
		json_put(&object, same[i], json_incref(json_object_get(night, same[i])));
	json_put(&object, "before", before ? json_integer(before) : json_null());
	json_put(&object, "images", night_since_images(since));
	json_put(&object, "cells", json_incref((json_t *)(uintptr_t)cells));
	json_put(&object, "not_run", json_integer(count_not_run(cells)));
	json_put(&object, "comparison", changes);
	return object;
}

static int put_together(const struct query_place *place, const json_t *night, int64_t before, struct night *now,
			struct night_comparison *comparison, json_t **ret_json, struct err *err)
{
	int64_t id = json_integer_value(json_object_get(night, "id"));
	struct night_since *since;
	struct buf text;
	json_t *cells;
	int rc = night_since_create(place->db, id, before, &since, err);

	if (rc)
		return rc;
	night_since_fill(since, comparison, MAX_CHANGES);
	buf_init(&text, 16u << 20);
	cells = cells_of(place, id, now);
	night_since_mark(since, cells);
	rc = told(write_text(night, before, since, comparison, cells, &text), err);
	if (rc == 0)
		*ret_json = json_pack("{s:I, s:I, s:o, s:s}", "night", (json_int_t)id, "before", (json_int_t)before,
				      "summary", summary_json(night, before, since, comparison, cells), "text",
				      buf_text(&text));
	json_decref(cells);
	buf_finish(&text);
	night_since_destroy(since);
	return rc;
}

static int compare(const struct query_place *place, const json_t *night, int64_t before, json_t **ret_json,
		   struct err *err)
{
	struct remembering memory = {.db = place->db};
	struct night_history history = {&memory, remember_flake, remember_measure};
	struct night *now = NULL, *then = NULL;
	struct night_comparison comparison;
	int rc = read_night(place, json_integer_value(json_object_get(night, "id")), &now, err);

	mem_text_into(memory.org, sizeof(memory.org), text_in(night, "org"));
	if (rc == 0 && before)
		rc = read_night(place, before, &then, err);
	if (rc == 0)
		rc = told(night_compare(then, now, &history, &comparison), err);
	if (rc == 0) {
		rc = put_together(place, night, before, now, &comparison, ret_json, err);
		night_comparison_finish(&comparison);
	}
	night_destroy(now);
	night_destroy(then);
	return rc;
}

int query_night_summary(const struct query_place *place, const struct principal *who, const struct query *query,
			struct answer *answer)
{
	json_t *night = NULL, *other = NULL;
	int64_t before = query->after;
	int rc = query_read_night(place, who, query->id, &night, &answer->err);

	if (rc == 0 && before)
		rc = query_read_night(place, who, before, &other, &answer->err);
	else if (rc == 0)
		rc = find_before(place, night, query->state, &before, &answer->err);
	if (rc == 0)
		rc = compare(place, night, before, &answer->json, &answer->err);
	json_decref(night);
	json_decref(other);
	return rc;
}
