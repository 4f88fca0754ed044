/* SPDX-License-Identifier: Apache-2.0 */
/* The cells of a schedule's last nights side by side, and what each case did in them. */
#include "daemon/store/night_since.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/principal.h"
#include "core/farm/record.h"
#include "core/night/schedule.h"

#define ROWS         (SINCE_NIGHTS + 1)
#define LINES        20 /* of images, in the text */
#define HISTORY_ROWS 100

/* A cell in one night; night is 0 where it was not part of that one. */
struct past {
	int64_t night, job, version;
	int64_t spec, specs;
	char sha256[SHA256_HEX], by[PRINCIPAL_MAX];
};

struct cell {
	char suite[SCHEDULE_NAME_MAX], image[SCHEDULE_NAME_MAX], type[SCHEDULE_TYPE_MAX], source[SCHEDULE_SOURCE_MAX];
	struct past past[ROWS]; /* the newest first: [0] is the night itself */
};

struct night_since {
	struct db *db;
	char org[ORG_MAX];
	int64_t night, before;
	size_t nights; /* rows of past */
	struct cell *cells;
	size_t count;
};

static const char *text_in(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool is_cell(const struct cell *cell, const char *suite, const char *image, const char *type)
{
	return strcmp(cell->image, image) == 0 && strcmp(cell->type, type) == 0 && strcmp(cell->suite, suite) == 0;
}

/* Mostly cells stand where they stood the night before. */
static struct cell *find(const struct night_since *since, size_t guess, const char *suite, const char *image,
			 const char *type)
{
	if (guess < since->count && is_cell(&since->cells[guess], suite, image, type))
		return &since->cells[guess];
	for (size_t i = 0; i < since->count; i++) {
		if (is_cell(&since->cells[i], suite, image, type))
			return &since->cells[i];
	}
	return NULL;
}

static void take(struct past *past, int64_t night, const json_t *cell)
{
	past->night = night;
	past->job = json_integer_value(json_object_get(cell, "job"));
	past->spec = json_integer_value(json_object_get(cell, "spec"));
	past->specs = json_integer_value(json_object_get(cell, "specs"));
	past->version = json_integer_value(json_object_get(cell, "version"));
	mem_text_into(past->sha256, sizeof(past->sha256), text_in(cell, "sha256"));
	mem_text_into(past->by, sizeof(past->by), text_in(cell, "dropped_by"));
}

static void take_night(struct night_since *since, int64_t night, const json_t *cells)
{
	const json_t *cell;
	size_t i;

	if (since->nights == 0) {
		since->cells = mem_alloc_array(json_array_size(cells) + 1, sizeof(*since->cells));
		json_array_foreach(cells, i, cell)
		{
			struct cell *first = &since->cells[since->count++];

			mem_text_into(first->suite, sizeof(first->suite), text_in(cell, "suite"));
			mem_text_into(first->image, sizeof(first->image), text_in(cell, "image"));
			mem_text_into(first->type, sizeof(first->type), text_in(cell, "type"));
			mem_text_into(first->source, sizeof(first->source), text_in(cell, "source"));
		}
	}
	json_array_foreach(cells, i, cell)
	{
		struct cell *known =
			find(since, i, text_in(cell, "suite"), text_in(cell, "image"), text_in(cell, "type"));

		if (known)
			take(&known->past[since->nights], night, cell);
	}
	since->nights++;
}

int night_since_create(struct db *db, int64_t night, int64_t before, struct night_since **ret_since, struct err *err)
{
	sqlite3_stmt *row = db_statement(
		db,
		"SELECT o.id, o.cells, o.org FROM night AS n JOIN night AS o ON o.org = n.org AND o.schedule = "
		"n.schedule"
		" WHERE n.id = ?1 AND (o.id IN (?1, ?2) OR (o.state = 'finished' AND o.id IN (SELECT id FROM night"
		" WHERE org = n.org AND schedule = n.schedule AND id <= ?1 ORDER BY id DESC LIMIT ?3)))"
		" ORDER BY o.id = ?1 DESC, o.id DESC",
		err);
	struct night_since *since;
	bool more = true;
	int rc = row ? db_bind(row, "iii", night, before, (int64_t)SINCE_NIGHTS) : (int)err->code;

	if (rc)
		return rc;
	since = mem_alloc(sizeof(*since));
	since->db = db;
	since->night = night;
	since->before = before;
	while (since->nights < ROWS && (rc = db_step(db, row, &more, err)) == 0 && more) {
		json_t *cells = json_loads(db_text(row, 1), 0, NULL);

		db_text_into(row, 2, since->org, sizeof(since->org));
		take_night(since, db_int(row, 0), cells);
		json_decref(cells);
	}
	sqlite3_reset(row);
	if (rc)
		night_since_destroy(since);
	else
		*ret_since = since;
	return rc;
}

void night_since_destroy(struct night_since *since)
{
	if (!since)
		return;
	free(since->cells);
	free(since);
}

/* --- what a case did --- */

enum { UNKNOWN, GOOD, BAD };

/* What a case did in each night. Its history is cut at some length: of jobs before oldest_job nothing is known. */
struct deeds {
	int did[ROWS];
	int64_t oldest_job; /* 0: all is known */
};

static void note(const struct cell *cell, size_t nights, int64_t job, int64_t spec, bool passed, int did[ROWS])
{
	for (size_t i = 0; i < nights; i++) {
		const struct past *past = &cell->past[i];

		if (past->job == job && job && spec >= past->spec && spec < past->spec + past->specs && did[i] != BAD)
			did[i] = passed ? GOOD : BAD;
	}
}

static bool look(const struct night_since *since, const struct cell *cell, const char *group, const char *name,
		 struct deeds *deeds)
{
	sqlite3_stmt *row = db_statement(since->db,
					 "SELECT r.job, r.spec, h.passed FROM case_history AS h JOIN run AS r"
					 " ON r.id = h.run WHERE h.org = ? AND h.board_type = ? AND h.suite_group = ?"
					 " AND h.name = ? ORDER BY h.run DESC LIMIT ?",
					 NULL);
	int64_t rows = 0, oldest = INT64_MAX;
	bool more = true;

	if (!row || db_bind(row, "tttti", since->org, cell->type, group, name, (int64_t)HISTORY_ROWS))
		return false;
	while (db_step(since->db, row, &more, NULL) == 0 && more) {
		note(cell, since->nights, db_int(row, 0), db_int(row, 1), db_int(row, 2) != 0, deeds->did);
		oldest = db_int(row, 0) < oldest ? db_int(row, 0) : oldest;
		rows++;
	}
	sqlite3_reset(row);
	deeds->oldest_job = rows < HISTORY_ROWS ? 0 : oldest;
	return rows > 0;
}

/* A group's name may have dots in it too: which one ends it is found by trying. */
static bool look_up(const struct night_since *since, const struct cell *cell, const char *case_name,
		    struct deeds *deeds)
{
	char group[512];

	for (const char *dot = strchr(case_name, '.'); dot; dot = strchr(dot + 1, '.')) {
		size_t len = (size_t)(dot - case_name);

		if (len >= sizeof(group))
			return false;
		memcpy(group, case_name, len);
		group[len] = '\0';
		if (look(since, cell, group, dot + 1, deeds))
			return true;
	}
	return look(since, cell, "", case_name, deeds);
}

static struct night_image image_of(const struct past *past)
{
	return (struct night_image){past->night, past->version, past->sha256, past->by};
}

/* Whether a run of the cell told what its cases did. */
static bool was_run(const struct night_since *since, const struct past *past)
{
	sqlite3_stmt *row = db_statement(since->db,
					 "SELECT 1 FROM run WHERE job = ? AND spec >= ? AND spec < ?"
					 " AND verdict IN ('passed', 'failed') LIMIT 1",
					 NULL);
	bool found = false;

	if (!row || db_bind(row, "iii", past->job, past->spec, past->spec + past->specs))
		return false;
	(void)db_step(since->db, row, &found, NULL);
	sqlite3_reset(row);
	return found;
}

/* A case that was not seen leaves no trace: a night whose runs told of others was without it, which is bad of what is
 * missing, and not of what fails. What the night that is
 * compared with says of it goes before its history, which knows no waivers. */
static void fill(const struct night_since *since, struct night_change *change)
{
	const struct cell *cell = find(since, 0, change->suite, change->image, change->type);
	struct deeds deeds = {.oldest_job = 0};
	size_t first = 0;

	if (!cell || since->nights < 2 || !look_up(since, cell, change->case_name, &deeds))
		return;
	for (size_t i = 1; i < since->nights; i++) {
		const struct past *past = &cell->past[i];
		bool passed_before = change->before.state == NIGHT_PASSED && past->night == since->before;
		bool not_there = deeds.did[i] == UNKNOWN && past->job >= deeds.oldest_job && was_run(since, past);

		if (deeds.did[i] == GOOD || passed_before || (not_there && change->kind != NIGHT_IS_GONE)) {
			change->good = image_of(past);
			break;
		}
		if (deeds.did[i] == BAD || not_there)
			first = i;
	}
	if (change->good.night || first)
		change->since = image_of(&cell->past[first]);
}

void night_since_fill(const struct night_since *since, struct night_comparison *comparison, size_t limit)
{
	bool backwards = since->before > since->night; /* compared with a later one */

	for (size_t i = 0; !backwards && i < comparison->count && i < limit; i++) {
		struct night_change *change = &comparison->item[i];

		if ((change->kind == NIGHT_IS_NEW_FAILURE || change->kind == NIGHT_IS_GONE ||
		     change->kind == NIGHT_IS_STILL_FAILING) &&
		    change->absence != NIGHT_ABSENCE_NO_RUN)
			fill(since, change);
	}
}

/* --- the images --- */

static const struct past *before_of(const struct night_since *since, const struct cell *cell)
{
	for (size_t i = 1; i < since->nights && since->before; i++) {
		if (cell->past[i].night == since->before)
			return &cell->past[i];
	}
	return NULL;
}

void night_since_mark(const struct night_since *since, json_t *cells)
{
	json_t *cell;
	size_t i;

	json_array_foreach(cells, i, cell)
	{
		const struct cell *known =
			find(since, i, text_in(cell, "suite"), text_in(cell, "image"), text_in(cell, "type"));
		const struct past *was = known ? before_of(since, known) : NULL;
		struct night_image image;

		if (!was || !was->sha256[0])
			continue;
		image = image_of(was);
		(void)json_object_set_new(cell, "was", night_image_to_json(&image));
	}
}

/* The name a drop has, without the file in it. */
static size_t drop_len(const char *source)
{
	return strncmp(source, "drop:", 5) == 0 ? 5 + strcspn(source + 5, "/") : 0;
}

static bool is_told(const struct night_since *since, size_t at)
{
	const char *source = since->cells[at].source;
	size_t len = drop_len(source);

	for (size_t i = 0; i < at; i++) {
		if (since->cells[i].past[0].version && drop_len(since->cells[i].source) == len &&
		    strncmp(since->cells[i].source, source, len) == 0)
			return true;
	}
	return false;
}

/* The next cell whose drop was not told yet, from *at on; NULL when there is none. */
static const struct cell *next_image(const struct night_since *since, size_t *at)
{
	while (*at < since->count) {
		size_t i = (*at)++;

		if (since->cells[i].past[0].version && !is_told(since, i))
			return &since->cells[i];
	}
	return NULL;
}

static int write_image(const struct night_since *since, const struct cell *cell, struct buf *out)
{
	const struct past *was = before_of(since, cell);
	struct night_image now = image_of(&cell->past[0]), then;
	int rc = buf_appendf(out, "%.*s: ", (int)drop_len(cell->source) - 5, cell->source + 5);

	if (!rc)
		rc = night_image_text(&now, out);
	if (!rc && was && was->version == now.version) {
		rc = buf_append_text(out, ", as before");
	} else if (!rc && was && was->sha256[0]) {
		then = image_of(was);
		rc = buf_append_text(out, ", was ");
		if (!rc)
			rc = night_image_text(&then, out);
	}
	return rc ? rc : buf_append_text(out, "\n");
}

int night_since_text(const struct night_since *since, struct buf *out)
{
	const struct cell *cell;
	size_t at = 0;
	int rc = 0;

	for (size_t lines = 0; !rc && lines < LINES && (cell = next_image(since, &at)); lines++)
		rc = write_image(since, cell, out);
	return rc;
}

json_t *night_since_images(const struct night_since *since)
{
	json_t *array = json_array();
	const struct cell *cell;
	size_t at = 0;

	while ((cell = next_image(since, &at))) {
		const struct past *was = before_of(since, cell);
		struct night_image now = image_of(&cell->past[0]), then;
		json_t *object = json_object();

		json_put(&object, "drop", json_stringn(cell->source + 5, drop_len(cell->source) - 5));
		json_put(&object, "now", night_image_to_json(&now));
		if (was && was->sha256[0]) {
			then = image_of(was);
			json_put(&object, "was", night_image_to_json(&then));
		}
		json_push(&array, object);
	}
	return array;
}
