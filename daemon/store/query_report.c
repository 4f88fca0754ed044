/* SPDX-License-Identifier: Apache-2.0 */
/* A job read by a writer of reports: the rows go by one at a time, and what is written goes into a file that has no
 * name, so that neither a reader's thread nor its transaction waits for whoever takes it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/json.h"
#include "daemon/store/console_short.h"
#include "daemon/store/query.h"
#include "daemon/store/query_evidence.h"
#include "daemon/store/query_history.h"

#define ROWS_A_LOOK 100 /* at how much has been written */

struct reading {
	const struct query_place *place;
	const struct principal *who;
	int64_t job;
	FILE *out;
	reader_row_fn on_row;
	void *row_context;
	size_t rows; /* of the run so far */
	struct evidence_times times;
};

static int read_job(void *context, json_t **ret_job, struct err *err)
{
	const struct reading *reading = context;

	return query_read_job(reading->place, reading->who, reading->job, ret_job, err);
}

static int read_steps(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	const struct reading *reading = context;

	return query_each_step(reading->place, run, INT64_MAX, on_row, row_context, err);
}

/* A report that grows without end would fill the disk that everything else needs. To ask a stream how long it is costs
 * as much as a case. */
static int on_case(void *context, const json_t *row, struct err *err)
{
	struct reading *reading = context;

	if (reading->rows++ % ROWS_A_LOOK == 0 && ftello(reading->out) > ARCHIVE_MAX_REPORT)
		return err_set(err, ERR_TOO_BIG, "the report of job %lld would be larger than %lld MiB",
			       (long long)reading->job, (long long)(ARCHIVE_MAX_REPORT >> 20));
	return reading->on_row(reading->row_context, row, err);
}

static int read_cases(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	struct reading reading = *(const struct reading *)context;

	reading.on_row = on_row;
	reading.row_context = row_context;
	reading.rows = 0;
	return query_each_case(reading.place, run, 0, INT64_MAX, on_case, &reading, NULL, err);
}

static int read_console(void *context, int64_t run, uint64_t from, void *buffer, size_t size, size_t *ret_len,
			struct err *err)
{
	const struct reading *reading = context;

	return console_get(reading->place->db, reading->place->console_dir, run, from, buffer, size, ret_len, err);
}

static int read_flake(void *context, int64_t run, const char *group, const char *name, struct flake *ret_flake,
		      struct err *err)
{
	const struct reading *reading = context;

	return history_flake(reading->place->db, run, group, name, ret_flake, err);
}

static int read_values(void *context, int64_t run, const char *group, const char *name,
		       const struct measurement *measured, struct reader_value *values, size_t *ret_count,
		       struct err *err)
{
	const struct reading *reading = context;

	return history_values(reading->place->db, run, group, name, measured, values, ret_count, err);
}

static int read_post_mortem(void *context, int64_t run, char **ret_text, struct err *err)
{
	const struct reading *reading = context;

	return query_post_mortem(reading->place, run, ret_text, err);
}

static int read_records(void *context, json_t **ret_records, struct err *err)
{
	const struct reading *reading = context;

	return evidence_records(reading->place, reading->job, ret_records, err);
}

static int read_run_records(void *context, int64_t run, json_t **ret_records, struct err *err)
{
	const struct reading *reading = context;

	return evidence_run_records(reading->place, run, ret_records, err);
}

static int read_loose(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	const struct reading *reading = context;

	return evidence_loose(reading->place, run, on_row, row_context, err);
}

static int read_console_time(void *context, int64_t run, uint64_t offset, int64_t *ret_at_us, struct err *err)
{
	struct reading *reading = context;

	return evidence_console_time(reading->place, &reading->times, run, offset, ret_at_us, err);
}

static int read_artefacts(void *context, int64_t run, json_t **ret_list, struct err *err)
{
	const struct reading *reading = context;
	json_t *list = json_array();
	int rc = query_list_artefacts(reading->place, run, &list, err);

	if (rc == 0 && !list)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (rc)
		json_decref(list);
	else
		*ret_list = list;
	return rc;
}

static int read_artefact(void *context, int64_t run, const char *name, int *ret_fd, struct err *err)
{
	const struct reading *reading = context;

	return evidence_artefact(reading->place, reading->who, run, name, ret_fd, err);
}

static int read_image(void *context, const char *sha256, int *ret_fd, struct err *err)
{
	const struct reading *reading = context;

	return evidence_image(reading->place, sha256, ret_fd, err);
}

/* The job that the question is about: by its own number or by that of a run. */
static int find_job(const struct query_place *place, const struct principal *who, const struct query *query,
		    int64_t *ret_job, struct err *err)
{
	sqlite3_stmt *row;
	bool found = false;
	int rc;

	if (query->id) {
		*ret_job = query->id;
		return 0;
	}
	row = db_statement(place->db, "SELECT job FROM run WHERE id = ? AND (? OR org = ?)", err);
	rc = row ? db_bind(row, "iit", query->run, query_sees_all(who), who->org) : (int)err->code;
	if (rc == 0)
		rc = db_step(place->db, row, &found, err);
	if (rc == 0 && found)
		*ret_job = db_int(row, 0);
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !found)
		rc = err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)query->run);
	return rc;
}

/* In the state directory: it has the room that consoles and images have, and /tmp may be memory. */
static int open_unnamed(const char *dir, FILE **ret_file, struct err *err)
{
	char path[4200];
	int fd, rc;

	(void)snprintf(path, sizeof(path), "%s/report.XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(path);
	*ret_file = fd < 0 ? NULL : fdopen(fd, "w");
	if (*ret_file)
		return 0;
	rc = err_set_errno(err, errno, "cannot make a file in %s", dir);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* Closes the stream and keeps a descriptor at the beginning of what was written. */
static int take_over(FILE *out, int *ret_fd, struct err *err)
{
	int fd;

	if (fflush(out) || ferror(out))
		return err_set_errno(err, errno ? errno : EIO, "cannot write a report");
	fd = fcntl(fileno(out), F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot write a report");
	*ret_fd = fd;
	return 0;
}

int query_report(const struct query_place *place, const struct principal *who, const struct query *query,
		 struct answer *answer)
{
	struct reading reading = {.place = place, .who = who};
	const struct job_reader reader = {
		.context = &reading,
		.job = read_job,
		.steps = read_steps,
		.cases = read_cases,
		.console = read_console,
		.flake = read_flake,
		.values = read_values,
		.post_mortem = read_post_mortem,
		.records = read_records,
		.run_records = read_run_records,
		.loose = read_loose,
		.console_time = read_console_time,
		.artefacts = read_artefacts,
		.artefact = read_artefact,
		.image = read_image,
	};
	int rc = find_job(place, who, query, &reading.job, &answer->err);

	if (rc == 0)
		rc = open_unnamed(place->console_dir, &reading.out, &answer->err);
	if (rc)
		return rc;
	rc = query->writer.write(query->writer.context, &reader, query->run, reading.out, &answer->err);
	if (rc == 0)
		rc = take_over(reading.out, &answer->fd, &answer->err);
	(void)fclose(reading.out);
	evidence_times_finish(&reading.times);
	if (rc == 0) {
		answer->json = json_object();
		json_put(&answer->json, "job", json_integer(reading.job));
	}
	return rc;
}
