/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs and runs as the API shows them. */
#include <string.h>

#include "core/base/json.h"
#include "core/farm/record_job.h"
#include "daemon/store/query.h"

#define JOB_COLUMNS                                                                                                    \
	"SELECT id, org, owner, name, suite, priority, retries, state, verdict, cause, text, cancel_wanted,"           \
	" submitted_at_us, finished_at_us, (SELECT count(DISTINCT number) FROM run WHERE run.job = job.id), kind,"     \
	" night FROM job "

static json_t *job_json(sqlite3_stmt *row)
{
	json_t *job = json_object();

	json_put(&job, "id", query_number(row, 0));
	json_put(&job, "kind", query_text(row, 15));
	json_put(&job, "night", query_number(row, 16));
	json_put(&job, "name", query_text(row, 3));
	json_put(&job, "org", query_text(row, 1));
	json_put(&job, "owner", query_text(row, 2));
	json_put(&job, "suite", query_text(row, 4));
	json_put(&job, "priority", query_number(row, 5));
	json_put(&job, "retries", query_number(row, 6));
	json_put(&job, "state", query_text(row, 7));
	json_put(&job, "verdict", query_text(row, 8));
	json_put(&job, "cause", query_text(row, 9));
	json_put(&job, "text", query_text(row, 10));
	json_put(&job, "cancel_wanted", json_boolean(db_int(row, 11)));
	json_put(&job, "submitted_at_us", query_number(row, 12));
	json_put(&job, "finished_at_us", query_number(row, 13));
	json_put(&job, "run_count", query_number(row, 14));
	return job;
}

/* Whose and which, said so that an index finds them: of a million jobs a few are open, and some organisations' are few.
 * Who sees all and asks for finished ones has them at the end of the table. */
#define JOBS(which)                                                                                                    \
	JOB_COLUMNS "WHERE " which " (?3 = '' OR state = ?3) AND (?4 = 0 OR id < ?4) AND (?6 = '' OR kind = ?6)"       \
		    " ORDER BY id DESC LIMIT ?5"

static const char *jobs_sql(bool all, bool open)
{
	if (open)
		return all ? JOBS("state <> 'finished' AND") : JOBS("state <> 'finished' AND +org = ?2 AND");
	return all ? JOBS("") : JOBS("org = ?2 AND");
}

int query_jobs(const struct query_place *place, const struct principal *who, const struct query *query,
	       struct answer *answer)
{
	int64_t limit = query->limit > 0 ? query->limit : 100;
	bool open = query->state[0] && strcmp(query->state, "finished") != 0, all = query_sees_all(who);
	sqlite3_stmt *row = db_statement(place->db, jobs_sql(all, open), &answer->err);
	json_t *jobs = json_array();
	bool more = true;
	int rc = row ? db_bind(row, "ittiit", all, who->org, query->state, query->before,
			       limit > ARCHIVE_MAX_ROWS ? ARCHIVE_MAX_ROWS : limit, query->job_kind)
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
	" console_dropped, console_sha256, core, org, fence, waived, expected,"                                        \
	" (SELECT kind FROM job WHERE job.id = run.job) FROM run "

static json_t *image_json(sqlite3_stmt *row)
{
	json_t *image = json_object();

	json_put(&image, "sha256", query_text(row, 12));
	json_put(&image, "name", query_text(row, 13));
	json_put(&image, "build_id", query_text(row, 14));
	json_put(&image, "size", query_number(row, 15));
	return image;
}

static json_t *counts_json(sqlite3_stmt *row)
{
	static const char *const names[] = {"passed", "failed", "ignored", "missing", "crashed", "error"};
	json_t *counts = json_object();

	for (int i = 0; i < 6; i++)
		json_put(&counts, names[i], query_number(row, 20 + i));
	json_put(&counts, "waived", query_number(row, 33));
	json_put(&counts, "expected", query_number(row, 34));
	return counts;
}

static json_t *console_json(sqlite3_stmt *row)
{
	json_t *console = json_object();

	json_put(&console, "bytes", query_number(row, 27));
	json_put(&console, "dropped", query_number(row, 28));
	json_put(&console, "sha256", query_text(row, 29));
	return console;
}

static json_t *run_json(sqlite3_stmt *row)
{
	json_t *run = json_object();

	json_put(&run, "id", query_number(row, 0));
	json_put(&run, "job", query_number(row, 1));
	json_put(&run, "kind", query_text(row, 35));
	json_put(&run, "org", query_text(row, 31));
	json_put(&run, "index", query_number(row, 2));
	json_put(&run, "attempt", query_number(row, 3));
	json_put(&run, "board", query_text(row, 4));
	json_put(&run, "wanted_board", query_text(row, 5));
	json_put(&run, "board_type", query_text(row, 6));
	json_put(&run, "agent", query_text(row, 7));
	json_put(&run, "fence", query_number(row, 32));
	json_put(&run, "state", query_text(row, 8));
	json_put(&run, "verdict", query_text(row, 9));
	json_put(&run, "cause", query_text(row, 10));
	json_put(&run, "text", query_text(row, 11));
	json_put(&run, "image", image_json(row));
	json_put(&run, "queued_at_us", query_number(row, 16));
	json_put(&run, "assigned_at_us", query_number(row, 17));
	json_put(&run, "started_at_us", query_number(row, 18));
	json_put(&run, "finished_at_us", query_number(row, 19));
	json_put(&run, "counts", counts_json(row));
	json_put(&run, "cases_total", query_number(row, 26));
	json_put(&run, "core", query_text(row, 30));
	json_put(&run, "console", console_json(row));
	return run;
}

static int read_runs(const struct query_place *place, int64_t job, json_t **runs, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, RUN_COLUMNS "WHERE job = ? ORDER BY number, attempt", err);
	bool more = true;
	int rc = row ? db_bind(row, "i", job) : (int)err->code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, err)) == 0 && more)
		json_push(runs, run_json(row));
	if (row)
		sqlite3_reset(row);
	return rc;
}

int query_read_job(const struct query_place *place, const struct principal *who, int64_t id, json_t **ret_job,
		   struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db, JOB_COLUMNS "WHERE id = ? AND (? OR org = ?)", err);
	json_t *job = NULL, *runs;
	bool found = false;
	int rc = row ? db_bind(row, "iit", id, query_sees_all(who), who->org) : (int)err->code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found)
		job = job_json(row);
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !found)
		rc = err_set(err, ERR_NOT_FOUND, "there is no job %lld", (long long)id);
	if (rc)
		return rc;
	runs = json_array();
	rc = read_runs(place, id, &runs, err);
	json_put(&job, "runs", runs);
	if (rc == 0 && !job)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (rc)
		json_decref(job);
	else
		*ret_job = job;
	return rc;
}

/* Only runs that are under way have details here, and few of them. */
int query_job(const struct query_place *place, const struct principal *who, const struct query *query,
	      struct answer *answer)
{
	size_t left = ARCHIVE_MAX_ROWS;
	int rc = query_read_job(place, who, query->id, &answer->json, &answer->err);
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(answer->json, "runs"), i, run)
	{
		const char *state = json_string_value(json_object_get(run, "state"));

		if (rc == 0 && state && strcmp(state, run_state_name(RUN_IS_FINISHED)) != 0)
			rc = query_add_details(place, run, &left, &answer->err);
	}
	return rc;
}

/* The name of its job, and the parameters that stand there; a list of runs goes without. */
static int add_surroundings(const struct query_place *place, json_t *run, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT job.name, json_extract(job.spec,"
					 " '$.runs[' || run.spec || '].require.parameters')"
					 " FROM run JOIN job ON job.id = run.job WHERE run.id = ?",
					 err);
	bool found = false;
	int rc = row ? db_bind(row, "i", (int64_t)json_integer_value(json_object_get(run, "id"))) : (int)err->code;
	json_t *parameters;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found) {
		parameters = json_loads(db_text(row, 1), 0, NULL);
		if (json_object_set_new(run, "job_name", query_text(row, 0)) ||
		    json_object_set_new(run, "parameters", parameters ? parameters : json_object()))
			rc = err_set(err, ERR_NOMEM, "out of memory");
	}
	if (row)
		sqlite3_reset(row);
	return rc;
}

/* What the list of a board's runs has beside the runs. */
static int add_board_details(const struct query_place *place, json_t *run, struct err *err)
{
	sqlite3_stmt *row = db_statement(place->db,
					 "SELECT job.name, EXISTS (SELECT 1 FROM step WHERE step.run = run.id"
					 " AND flash_written)"
					 " FROM run JOIN job ON job.id = run.job WHERE run.id = ?",
					 err);
	bool found = false;
	int rc = row ? db_bind(row, "i", (int64_t)json_integer_value(json_object_get(run, "id"))) : (int)err->code;

	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found &&
	    (json_object_set_new(run, "job_name", query_text(row, 0)) ||
	     json_object_set_new(run, "flash_written", json_boolean(db_int(row, 1)))))
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (row)
		sqlite3_reset(row);
	return rc;
}

int query_board_runs(const struct query_place *place, const struct principal *who, const struct query *query,
		     struct answer *answer)
{
	int64_t limit = query->limit > 0 ? query->limit : 100;
	sqlite3_stmt *row = db_statement(place->db,
					 RUN_COLUMNS "WHERE board = ?1 AND (?2 OR org = ?3)"
						     " AND (?4 = 0 OR id < ?4) ORDER BY id DESC LIMIT ?5",
					 &answer->err);
	json_t *runs = json_array(), *run;
	bool more = true;
	size_t i;
	int rc = row ? db_bind(row, "titii", query->name, query_sees_all(who), who->org, query->before,
			       limit > ARCHIVE_MAX_ROWS ? ARCHIVE_MAX_ROWS : limit)
		     : (int)answer->err.code;

	while (rc == 0 && (rc = db_step(place->db, row, &more, &answer->err)) == 0 && more)
		json_push(&runs, run_json(row));
	if (row)
		sqlite3_reset(row);
	json_array_foreach(runs, i, run)
	{
		if (rc == 0)
			rc = add_board_details(place, run, &answer->err);
	}
	answer->json = json_object();
	json_put(&answer->json, "board", json_string(query->name));
	json_put(&answer->json, "runs", runs);
	return rc;
}

int query_run(const struct query_place *place, const struct principal *who, const struct query *query,
	      struct answer *answer)
{
	sqlite3_stmt *row = db_statement(place->db, RUN_COLUMNS "WHERE id = ? AND (? OR org = ?)", &answer->err);
	size_t left = ARCHIVE_MAX_DETAILS;
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
	rc = query_add_details(place, answer->json, &left, &answer->err);
	if (rc == 0)
		rc = add_surroundings(place, answer->json, &answer->err);
	if (rc == 0)
		rc = query_add_origin(place, answer->json, &answer->err);
	return rc;
}
