/* SPDX-License-Identifier: Apache-2.0 */
/* A job out of one JSON value as a job_reader. */
#include "tests/unit/daemon/report/json_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/report/report.h"

static int read_job(void *context, json_t **ret_job, struct err *err)
{
	(void)err;
	*ret_job = json_incref(context);
	return 0;
}

static json_t *find_run(json_t *job, int64_t id)
{
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(job, "runs"), i, run)
	{
		if (json_integer_value(json_object_get(run, "id")) == id)
			return run;
	}
	return NULL;
}

static int each(json_t *list, reader_row_fn on_row, void *context, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < json_array_size(list) && !rc; i++)
		rc = on_row(context, json_array_get(list, i), err);
	return rc;
}

static int read_steps(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	return each(json_object_get(find_run(context, run), "steps"), on_row, row_context, err);
}

static int read_cases(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	return each(json_object_get(find_run(context, run), "cases"), on_row, row_context, err);
}

static int read_console(void *context, int64_t run, uint64_t from, void *buffer, size_t size, size_t *ret_len,
			struct err *err)
{
	const json_t *text = json_object_get(find_run(context, run), "console_text");
	size_t len = json_string_length(text);

	(void)err;
	*ret_len = from < len ? (len - from < size ? len - from : size) : 0;
	if (*ret_len)
		memcpy(buffer, json_string_value(text) + from, *ret_len);
	return 0;
}

static int read_flake(void *context, int64_t run, const char *group, const char *name, struct flake *ret_flake,
		      struct err *err)
{
	struct flake_history history;
	json_t *list, *entry;
	char key[300];
	size_t i;

	(void)run;
	(void)err;
	snprintf(key, sizeof key, "%s.%s", group, name);
	list = json_object_get(json_object_get(context, "history"), key);
	flake_history_init(&history);
	json_array_foreach(list, i, entry) flake_history_add(&history, json_string_value(json_array_get(entry, 0)),
							     json_is_true(json_array_get(entry, 1)));
	flake_history_score(&history, ret_flake);
	return 0;
}

static int read_values(void *context, int64_t run, const char *group, const char *name,
		       const struct measurement *measured, struct reader_value *values, size_t *ret_count,
		       struct err *err)
{
	json_t *list = json_object_get(json_object_get(context, "values"), measured->name), *entry;
	size_t i;

	(void)run;
	(void)group;
	(void)name;
	(void)err;
	json_array_foreach(list, i, entry) values[i] = (struct reader_value){
		json_integer_value(json_array_get(entry, 0)), json_number_value(json_array_get(entry, 1)),
		json_is_true(json_array_get(entry, 2))};
	*ret_count = json_array_size(list);
	return 0;
}

static int read_post_mortem(void *context, int64_t run, char **ret_text, struct err *err)
{
	const char *text = json_string_value(json_object_get(find_run(context, run), "post_mortem"));

	(void)err;
	*ret_text = text ? strdup(text) : NULL;
	return 0;
}

static int read_run_records(void *context, int64_t run, json_t **ret_records, struct err *err)
{
	json_t *asked = json_object_get(find_run(context, run), "asked");

	(void)err;
	*ret_records = json_pack("{s:O?}", "asked", asked);
	return 0;
}

struct job_reader json_reader(json_t *job)
{
	return (struct job_reader){.context = job,
				   .job = read_job,
				   .steps = read_steps,
				   .cases = read_cases,
				   .console = read_console,
				   .flake = read_flake,
				   .values = read_values,
				   .post_mortem = read_post_mortem,
				   .run_records = read_run_records};
}

int json_reader_render(json_t *job, int64_t run, const char *format, char **ret_text, const char **ret_content_type,
		       struct err *err)
{
	struct job_reader reader = json_reader(job);
	struct job_writer writer;
	char *text = NULL;
	size_t len = 0;
	FILE *out;
	int rc = report_writer(format, &writer, err);

	if (rc)
		return rc;
	out = open_memstream(&text, &len);
	rc = writer.write(writer.context, &reader, run, out, err);
	fclose(out);
	if (rc) {
		free(text);
		return rc;
	}
	*ret_text = text;
	*ret_content_type = writer.content_type;
	return 0;
}
