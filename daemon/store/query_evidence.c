/* SPDX-License-Identifier: Apache-2.0 */
/* The job's own row has shown that the asker may see it; everything here is reached from there. */
#include "daemon/store/query_evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/json.h"
#include "daemon/store/console_short.h"

#define JSON_MAX (64u << 20)

/* Text that was checked to be JSON when it was kept; '' is null. */
static json_t *kept_json(sqlite3_stmt *row, int column)
{
	const char *text = db_text(row, column);
	json_t *value = NULL;

	if (!text[0] || json_parse(text, strlen(text), JSON_MAX, &value, NULL))
		return json_null();
	return value;
}

/* Of the rows that sql gives for a job, each made into JSON by make. */
static int list_rows(const struct query_place *place, const char *sql, int64_t job, json_t *(*make)(sqlite3_stmt *row),
		     json_t **list, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, sql, err);
	bool more = true;
	int rc = row ? db_bind(row, "i", job) : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more)
		json_push(list, make(row));
	if (row)
		sqlite3_reset(row);
	return rc;
}

static json_t *spec_json(sqlite3_stmt *row)
{
	return kept_json(row, 0);
}

static json_t *suite_json(sqlite3_stmt *row)
{
	json_t *suite = json_object();
	const char *text = db_text(row, 2);

	json_put(&suite, "name", query_text(row, 0));
	json_put(&suite, "version", query_text(row, 1));
	json_put(&suite, "text", json_text(text, strlen(text)));
	json_put(&suite, "changed_at_us", query_number(row, 3));
	return suite;
}

static json_t *type_json(sqlite3_stmt *row)
{
	json_t *type = kept_json(row, 0);

	json_put(&type, "name", query_text(row, 1));
	return type;
}

static json_t *waiver_json(sqlite3_stmt *row)
{
	json_t *waiver = json_object();

	json_put(&waiver, "id", query_number(row, 0));
	json_put(&waiver, "board_type", query_text(row, 1));
	json_put(&waiver, "case", query_text(row, 2));
	json_put(&waiver, "author", query_text(row, 3));
	json_put(&waiver, "reason", query_text(row, 4));
	json_put(&waiver, "intermittent", json_boolean(db_int(row, 5)));
	json_put(&waiver, "created_at_us", query_number(row, 6));
	json_put(&waiver, "from_us", query_number(row, 7));
	json_put(&waiver, "until_us", query_number(row, 8));
	json_put(&waiver, "withdrawn_at_us", query_number(row, 9));
	json_put(&waiver, "withdrawn_by", query_text(row, 10));
	return waiver;
}

/* The first of a list, or null; takes the list. */
static json_t *only(json_t *list)
{
	json_t *first = json_incref(json_array_get(list, 0));

	if (list && !first)
		first = json_null();
	json_decref(list);
	return first;
}

int evidence_records(const struct query_place *place, int64_t job, json_t **ret_records, struct err *err)
{
	json_t *spec = json_array(), *suite = json_array(), *types = json_array(), *waivers = json_array();
	json_t *records = json_object();
	int rc = list_rows(place, "SELECT spec FROM job WHERE id = ?", job, spec_json, &spec, err);

	if (rc == 0)
		rc = list_rows(place,
			       "SELECT name, version, text, changed_at_us FROM suite"
			       " WHERE (name, org) = (SELECT suite, org FROM job WHERE id = ?)",
			       job, suite_json, &suite, err);
	if (rc == 0)
		rc = list_rows(
			place,
			"SELECT body, name FROM board_type WHERE name IN (SELECT board_type FROM run WHERE job = ?)"
			" ORDER BY name",
			job, type_json, &types, err);
	if (rc == 0)
		rc = list_rows(
			place,
			"SELECT id, board_type, cases, author, reason, intermittent, created_at_us, from_us,"
			" until_us, withdrawn_at_us, withdrawn_by FROM waiver"
			" WHERE (org, board_type) IN (SELECT org, board_type FROM run WHERE job = ?) ORDER BY id",
			job, waiver_json, &waivers, err);
	json_put(&records, "spec", only(spec));
	json_put(&records, "suite", only(suite));
	json_put(&records, "board_types", types);
	json_put(&records, "waivers", waivers);
	if (rc == 0 && !records)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (rc)
		json_decref(records);
	else
		*ret_records = records;
	return rc;
}

static json_t *run_records_json(sqlite3_stmt *row)
{
	json_t *records = json_object();

	json_put(&records, "asked", kept_json(row, 0));
	json_put(&records, "facts", kept_json(row, 1));
	json_put(&records, "identity", kept_json(row, 2));
	return records;
}

int evidence_run_records(const struct query_place *place, int64_t run, json_t **ret_records, struct err *err)
{
	json_t *list = json_array();
	int rc = list_rows(place, "SELECT asked, facts, identity FROM run WHERE id = ?", run, run_records_json, &list,
			   err);

	if (rc == 0 && json_array_size(list) != 1)
		rc = err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)run);
	if (rc)
		json_decref(list);
	else
		*ret_records = only(list);
	return rc;
}

static json_t *bound_json(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL ? json_null() : json_number(db_double(row, column));
}

static json_t *loose_json(sqlite3_stmt *row)
{
	json_t *measured = json_object();

	json_put(&measured, "name", query_text(row, 0));
	json_put(&measured, "value", bound_json(row, 1));
	json_put(&measured, "unit", query_text(row, 2));
	json_put(&measured, "verdict", query_text(row, 3));
	json_put(&measured, "low", bound_json(row, 4));
	json_put(&measured, "high", bound_json(row, 5));
	json_put(&measured, "basis", query_text(row, 6));
	json_put(&measured, "offset", query_number(row, 7));
	json_put(&measured, "end", query_number(row, 8));
	return measured;
}

int evidence_loose(const struct query_place *place, int64_t run, reader_row_fn on_row, void *context, struct err *err)
{
	json_t *list = json_array(), *measured;
	size_t i;
	/* At most JUDGE_MAX_MEASUREMENTS of a run. */
	int rc = list_rows(
		place,
		"SELECT name, value, unit, verdict, low, high, basis, console_from, console_to FROM measurement"
		" WHERE run = ? AND case_name = '' ORDER BY serial, number",
		run, loose_json, &list, err);

	if (rc == 0 && !list)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	json_array_foreach(list, i, measured)
	{
		if (rc == 0)
			rc = on_row(context, measured, err);
	}
	json_decref(list);
	return rc;
}

void evidence_times_finish(struct evidence_times *times)
{
	free(times->item);
	*times = (struct evidence_times){0};
}

int evidence_console_time(const struct query_place *place, struct evidence_times *times, int64_t run, uint64_t offset,
			  int64_t *ret_at_us, struct err *err)
{
	size_t low = 0, high;
	int rc = 0;

	if (times->run != run) {
		evidence_times_finish(times);
		rc = console_get_times(place->db, place->console_dir, run, &times->item, &times->count, err);
		times->run = rc ? 0 : run;
	}
	if (rc)
		return rc;
	high = times->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (times->item[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_at_us = low ? times->item[low - 1].at_us : 0;
	return 0;
}

/* A text that is kept in the database, as a file. */
static int text_file(const void *bytes, size_t size, int *ret_fd, struct err *err)
{
	int fd = memfd_create("artefact", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET)) {
		err_set_errno(err, errno, "cannot hold an artefact");
		if (fd >= 0)
			close(fd);
		return (int)err->code;
	}
	*ret_fd = fd;
	return 0;
}

int evidence_artefact(const struct query_place *place, const struct principal *who, int64_t run, const char *name,
		      int *ret_fd, struct err *err)
{
	struct query query = {.kind = QUERY_ARTEFACT, .id = run};
	struct answer answer = {.fd = -1};
	int rc;

	snprintf(query.name, sizeof(query.name), "%s", name);
	rc = query_artefact(place, who, &query, &answer);
	if (rc)
		*err = answer.err;
	else if (answer.fd < 0)
		rc = text_file(answer.bytes, answer.size_bytes, ret_fd, err);
	else
		*ret_fd = answer.fd;
	if (rc && answer.fd >= 0)
		close(answer.fd);
	free(answer.bytes);
	json_decref(answer.json);
	return rc;
}

int evidence_image(const struct query_place *place, const char *sha256, int *ret_fd, struct err *err)
{
	char path[4200];
	int fd;

	if (strlen(sha256) != 64 || strspn(sha256, "0123456789abcdef") != 64)
		return err_set(err, ERR_INVALID, "%.80s is no SHA-256", sha256);
	snprintf(path, sizeof(path), "%s/%s", place->image_dir, sha256);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot read image %s", sha256);
	*ret_fd = fd;
	return 0;
}
