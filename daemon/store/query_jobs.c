/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs and runs as the API shows them. */
#include <string.h>

#include "core/base/json.h"
#include "daemon/store/query.h"

#define TEXT_MAX 4096

static json_t *text(sqlite3_stmt *row, int column)
{
	return json_text(db_text(row, column), TEXT_MAX);
}

static json_t *number(sqlite3_stmt *row, int column)
{
	return json_integer(db_int(row, column));
}

#define JOB_COLUMNS                                                                                                    \
	"SELECT id, org, owner, name, suite, priority, retries, state, verdict, cause, text, cancel_wanted,"           \
	" submitted_at_us, finished_at_us, (SELECT count(DISTINCT number) FROM run WHERE run.job = job.id) FROM job "

static json_t *job_json(sqlite3_stmt *row)
{
	json_t *job = json_object();

	json_put(&job, "id", number(row, 0));
	json_put(&job, "name", text(row, 3));
	json_put(&job, "org", text(row, 1));
	json_put(&job, "owner", text(row, 2));
	json_put(&job, "suite", text(row, 4));
	json_put(&job, "priority", number(row, 5));
	json_put(&job, "retries", number(row, 6));
	json_put(&job, "state", text(row, 7));
	json_put(&job, "verdict", text(row, 8));
	json_put(&job, "cause", text(row, 9));
	json_put(&job, "text", text(row, 10));
	json_put(&job, "cancel_wanted", json_boolean(db_int(row, 11)));
	json_put(&job, "submitted_at_us", number(row, 12));
	json_put(&job, "finished_at_us", number(row, 13));
	json_put(&job, "run_count", number(row, 14));
	return job;
}

int query_jobs(const struct query_place *place, const struct principal *who, const struct query *query,
	       struct answer *answer)
{
	int64_t limit = query->limit > 0 ? query->limit : 100;
	sqlite3_stmt *row = db_statement(place->db,
					 JOB_COLUMNS "WHERE (?1 OR org = ?2) AND (?3 = '' OR state = ?3)"
						     " AND (?4 = 0 OR id < ?4) ORDER BY id DESC LIMIT ?5",
					 &answer->err);
	json_t *jobs = json_array();
	bool more = true;
	int rc = row ? db_bind(row, "ittii", query_sees_all(who), who->org, query->state, query->before,
			       limit > ARCHIVE_MAX_ROWS ? ARCHIVE_MAX_ROWS : limit)
		     : (int)answer->err.code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, &answer->err)) == 0 && more)
		json_push(&jobs, job_json(row));
	if (row)
		sqlite3_reset(row);
	answer->json = json_object();
	json_put(&answer->json, "jobs", jobs);
	return rc;
}

#define RUN_COLUMNS                                                                                                    \
	"SELECT id, job, number, attempt, board, wanted_board, board_type, agent, state, verdict, cause, text,"        \
	" image_sha256, image_name, build_id, image_bytes, queued_at_us, assigned_at_us, started_at_us,"               \
	" finished_at_us, passed, failed, ignored, missing, crashed, error, cases_total, console_bytes,"               \
	" console_dropped, console_sha256, core, org, fence FROM run "

static json_t *image_json(sqlite3_stmt *row)
{
	json_t *image = json_object();

	json_put(&image, "sha256", text(row, 12));
	json_put(&image, "name", text(row, 13));
	json_put(&image, "build_id", text(row, 14));
	json_put(&image, "size", number(row, 15));
	return image;
}

static json_t *counts_json(sqlite3_stmt *row)
{
	static const char *const names[] = {"passed", "failed", "ignored", "missing", "crashed", "error"};
	json_t *counts = json_object();

	for (int i = 0; i < 6; i++)
		json_put(&counts, names[i], number(row, 20 + i));
	return counts;
}

static json_t *console_json(sqlite3_stmt *row)
{
	json_t *console = json_object();

	json_put(&console, "bytes", number(row, 27));
	json_put(&console, "dropped", number(row, 28));
	json_put(&console, "sha256", text(row, 29));
	return console;
}

static json_t *run_json(sqlite3_stmt *row)
{
	json_t *run = json_object();

	json_put(&run, "id", number(row, 0));
	json_put(&run, "job", number(row, 1));
	json_put(&run, "org", text(row, 31));
	json_put(&run, "index", number(row, 2));
	json_put(&run, "attempt", number(row, 3));
	json_put(&run, "board", text(row, 4));
	json_put(&run, "wanted_board", text(row, 5));
	json_put(&run, "board_type", text(row, 6));
	json_put(&run, "agent", text(row, 7));
	json_put(&run, "fence", number(row, 32));
	json_put(&run, "state", text(row, 8));
	json_put(&run, "verdict", text(row, 9));
	json_put(&run, "cause", text(row, 10));
	json_put(&run, "text", text(row, 11));
	json_put(&run, "image", image_json(row));
	json_put(&run, "queued_at_us", number(row, 16));
	json_put(&run, "assigned_at_us", number(row, 17));
	json_put(&run, "started_at_us", number(row, 18));
	json_put(&run, "finished_at_us", number(row, 19));
	json_put(&run, "counts", counts_json(row));
	json_put(&run, "cases_total", number(row, 26));
	json_put(&run, "core", text(row, 30));
	json_put(&run, "console", console_json(row));
	return run;
}

static json_t *step_json(sqlite3_stmt *row)
{
	json_t *step = json_object();
	bool ended = db_int(row, 3) != 0;

	json_put(&step, "step", text(row, 0));
	json_put(&step, "phase", text(row, 1));
	json_put(&step, "row", number(row, 2));
	json_put(&step, "cause", text(row, 4));
	json_put(&step, "text", text(row, 5));
	json_put(&step, "begun_at_us", number(row, 6));
	json_put(&step, "took_us", ended ? number(row, 7) : json_null());
	return step;
}

static int read_steps(const struct query_place *place, int64_t run, json_t **steps, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT step, phase, row, ended, cause, text, begun_at_us, took_us FROM step"
					 " WHERE run = ? ORDER BY serial",
					 err);
	bool more = true;
	int rc = row ? db_bind(row, "i", run) : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more)
		json_push(steps, step_json(row));
	if (row)
		sqlite3_reset(row);
	return rc;
}

static json_t *case_json(sqlite3_stmt *row)
{
	json_t *result = json_object();

	json_put(&result, "group", text(row, 0));
	json_put(&result, "name", text(row, 1));
	json_put(&result, "verdict", text(row, 2));
	json_put(&result, "message", text(row, 3));
	json_put(&result, "required", json_boolean(db_int(row, 4)));
	json_put(&result, "waived_ignore", json_boolean(db_int(row, 5)));
	json_put(&result, "offset", number(row, 6));
	json_put(&result, "end", number(row, 7));
	json_put(&result, "begun_at_us", number(row, 8));
	json_put(&result, "ended_at_us", number(row, 9));
	return result;
}

/* A case is told again when a later result changes it: its last word counts, in the place of its first. */
static int read_cases(const struct query_place *place, int64_t run, json_t **cases, struct err *err)
{
	sqlite3_stmt *row = db_statement(
		place->db,
		"SELECT suite_group, name, verdict, message, required, waived_ignore, console_from,"
		" console_to, begun_at_us, ended_at_us FROM (SELECT min(serial) AS first, max(serial) AS last"
		" FROM case_result WHERE run = ?1 GROUP BY suite_group, name) JOIN case_result ON run = ?1"
		" AND serial = last ORDER BY first",
		err);
	bool more = true;
	int rc = row ? db_bind(row, "i", run) : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more)
		json_push(cases, case_json(row));
	if (row)
		sqlite3_reset(row);
	return rc;
}

static int add_details(const struct query_place *place, json_t *run, struct err *err)
{
	int64_t id = json_integer_value(json_object_get(run, "id"));
	json_t *steps = json_array(), *cases = json_array();
	int rc = read_steps(place, id, &steps, err);

	if (rc == 0)
		rc = read_cases(place, id, &cases, err);
	if (rc == 0 && (json_object_set(run, "steps", steps) || json_object_set(run, "cases", cases)))
		rc = err_set(err, ERR_NOMEM, "out of memory");
	json_decref(steps);
	json_decref(cases);
	return rc;
}

static int read_runs(const struct query_place *place, int64_t job, json_t **runs, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, RUN_COLUMNS "WHERE job = ? ORDER BY number, attempt", err);
	bool more = true;
	int rc = row ? db_bind(row, "i", job) : (int)err->code;
	json_t *run;
	size_t i;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more)
		json_push(runs, run_json(row));
	if (row)
		sqlite3_reset(row);
	json_array_foreach(*runs, i, run)
	{
		if (rc == 0)
			rc = add_details(place, run, err);
	}
	return rc;
}

int query_job(const struct query_place *place, const struct principal *who, const struct query *query,
	      struct answer *answer)
{
	sqlite3_stmt *row = db_statement(place->db, JOB_COLUMNS "WHERE id = ? AND (? OR org = ?)", &answer->err);
	json_t *runs;
	bool found = false;
	int rc = row ? db_bind(row, "iit", query->id, query_sees_all(who), who->org) : (int)answer->err.code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, &answer->err);
	if (rc == 0 && found)
		answer->json = job_json(row);
	if (row)
		sqlite3_reset(row);
	if (rc)
		return rc;
	if (!found)
		return err_set(&answer->err, ERR_NOT_FOUND, "there is no job %lld", (long long)query->id);
	runs = json_array();
	rc = read_runs(place, query->id, &runs, &answer->err);
	json_put(&answer->json, "runs", runs);
	return rc;
}

static int add_job_name(const struct query_place *place, json_t *run, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, "SELECT name FROM job WHERE id = ?", err);
	bool found = false;
	int rc = row ? db_bind(row, "i", (int64_t)json_integer_value(json_object_get(run, "job"))) : (int)err->code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found && json_object_set_new(run, "job_name", text(row, 0)))
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (row)
		sqlite3_reset(row);
	return rc;
}

int query_run(const struct query_place *place, const struct principal *who, const struct query *query,
	      struct answer *answer)
{
	sqlite3_stmt *row = db_statement(place->db, RUN_COLUMNS "WHERE id = ? AND (? OR org = ?)", &answer->err);
	bool found = false;
	int rc = row ? db_bind(row, "iit", query->id, query_sees_all(who), who->org) : (int)answer->err.code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, &answer->err);
	if (rc == 0 && found)
		answer->json = run_json(row);
	if (row)
		sqlite3_reset(row);
	if (rc)
		return rc;
	if (!found)
		return err_set(&answer->err, ERR_NOT_FOUND, "there is no run %lld", (long long)query->id);
	rc = add_details(place, answer->json, &answer->err);
	if (rc == 0)
		rc = add_job_name(place, answer->json, &answer->err);
	return rc;
}
