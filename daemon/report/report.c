/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a report: read once out of JSON, so that every format says the same. */
#include "daemon/report/report.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
	const char *name, *type;
} formats[] = {
#define X(name, text, type) {text, type},
	REPORT_FORMATS(X)
#undef X
};

/* One object being read; the first error stays. */
struct reading {
	const json_t *object;
	struct err *err;
	int rc;
};

static const char *read_text(struct reading *reading, const char *key)
{
	const char *text = "";

	if (!reading->rc)
		reading->rc = json_read_text(reading->object, key, false, &text, reading->err);
	return text;
}

static int64_t read_int(struct reading *reading, const char *key, bool required)
{
	int64_t value = 0;

	if (!reading->rc)
		reading->rc = json_read_int(reading->object, key, required, 0, INT64_MAX, &value, reading->err);
	return value;
}

static bool read_bool(struct reading *reading, const char *key)
{
	bool value = false;

	if (!reading->rc)
		reading->rc = json_read_bool(reading->object, key, false, &value, reading->err);
	return value;
}

static void refuse_word(struct reading *reading, const char *key, const char *word)
{
	if (!reading->rc)
		reading->rc =
			err_set(reading->err, ERR_INVALID, "%s: found \"%.60s\", expected a known word", key, word);
}

static enum run_verdict read_verdict(struct reading *reading)
{
	const char *word = read_text(reading, "verdict");
	enum run_verdict verdict = RUN_NONE;

	if (word[0] && !run_verdict_parse(word, &verdict))
		refuse_word(reading, "verdict", word);
	return verdict;
}

static enum cause read_cause(struct reading *reading)
{
	const char *word = read_text(reading, "cause");
	enum cause cause = CAUSE_NONE;

	if (word[0] && !cause_parse(word, &cause))
		refuse_word(reading, "cause", word);
	return cause;
}

/* The object under key as a reading of its own; an absent one reads as empty. */
static struct reading child(struct reading *reading, const char *key)
{
	json_t *object = NULL;

	if (!reading->rc)
		reading->rc = json_read_object(reading->object, key, false, &object, reading->err);
	return (struct reading){.object = object, .err = reading->err, .rc = reading->rc};
}

/* The array under key, or NULL, and zeroed room for its elements in *ret_elements. */
static const json_t *read_list(struct reading *reading, const char *key, size_t size, void **ret_elements)
{
	json_t *list = NULL;

	if (!reading->rc)
		reading->rc = json_read_array(reading->object, key, false, &list, reading->err);
	if (reading->rc || !json_array_size(list))
		return NULL;
	*ret_elements = calloc(json_array_size(list), size);
	if (*ret_elements)
		return list;
	reading->rc = err_set(reading->err, ERR_NOMEM, "out of memory for a report");
	return NULL;
}

static void read_step(struct reading *reading, struct report_step *step)
{
	*step = (struct report_step){.step = read_text(reading, "step"),
				     .back = strcmp(read_text(reading, "phase"), "back") == 0,
				     .cause = read_cause(reading),
				     .text = read_text(reading, "text"),
				     .ended = json_is_integer(json_object_get(reading->object, "took_us")),
				     .begun_at_us = read_int(reading, "begun_at_us", false),
				     .took_us = read_int(reading, "took_us", false)};
}

static void read_case(struct reading *reading, struct report_case *result)
{
	const char *verdict = read_text(reading, "verdict");

	*result = (struct report_case){.group = read_text(reading, "group"),
				       .name = read_text(reading, "name"),
				       .message = read_text(reading, "message"),
				       .required = read_bool(reading, "required"),
				       .waived_ignore = read_bool(reading, "waived_ignore"),
				       .offset = read_int(reading, "offset", false),
				       .end = read_int(reading, "end", false),
				       .begun_at_us = read_int(reading, "begun_at_us", false),
				       .ended_at_us = read_int(reading, "ended_at_us", false)};
	if (!case_verdict_parse(verdict, &result->verdict))
		refuse_word(reading, "verdict", verdict);
}

static void read_steps(struct reading *reading, struct report_run *run)
{
	void *elements = NULL;
	const json_t *list = read_list(reading, "steps", sizeof *run->steps, &elements);

	run->steps = elements;
	for (size_t i = 0; list && i < json_array_size(list) && !reading->rc; i++) {
		struct reading one = {.object = json_array_get(list, i), .err = reading->err};

		read_step(&one, &run->steps[run->step_count++]);
		reading->rc = one.rc;
		if (one.rc)
			err_prefix(reading->err, "steps[%zu]", i);
	}
}

static void read_cases(struct reading *reading, struct report_run *run)
{
	void *elements = NULL;
	const json_t *list = read_list(reading, "cases", sizeof *run->cases, &elements);

	run->cases = elements;
	for (size_t i = 0; list && i < json_array_size(list) && !reading->rc; i++) {
		struct reading one = {.object = json_array_get(list, i), .err = reading->err};

		read_case(&one, &run->cases[run->case_count++]);
		reading->rc = one.rc;
		if (one.rc)
			err_prefix(reading->err, "cases[%zu]", i);
	}
}

static void read_parts(struct reading *reading, struct report_run *run)
{
	struct reading image = child(reading, "image"), counts = child(reading, "counts");
	struct reading console = child(reading, "console");

	run->image_name = read_text(&image, "name");
	run->image_sha256 = read_text(&image, "sha256");
	run->image_build_id = read_text(&image, "build_id");
	run->counts = (struct report_counts){.passed = read_int(&counts, "passed", false),
					     .failed = read_int(&counts, "failed", false),
					     .ignored = read_int(&counts, "ignored", false),
					     .missing = read_int(&counts, "missing", false),
					     .crashed = read_int(&counts, "crashed", false),
					     .error = read_int(&counts, "error", false)};
	run->console_bytes = read_int(&console, "bytes", false);
	run->console_dropped = read_int(&console, "dropped", false);
	run->console_sha256 = read_text(&console, "sha256");
	if (!reading->rc)
		reading->rc = image.rc ? image.rc : counts.rc ? counts.rc : console.rc;
}

static void read_run(struct reading *reading, struct report_run *run)
{
	run->id = read_int(reading, "id", true);
	run->index = read_int(reading, "index", false);
	run->attempt = read_int(reading, "attempt", false);
	run->board = read_text(reading, "board");
	run->board_type = read_text(reading, "board_type");
	run->agent = read_text(reading, "agent");
	run->state = read_text(reading, "state");
	run->text = read_text(reading, "text");
	run->core = read_text(reading, "core");
	run->verdict = read_verdict(reading);
	run->cause = read_cause(reading);
	run->queued_at_us = read_int(reading, "queued_at_us", false);
	run->started_at_us = read_int(reading, "started_at_us", false);
	run->finished_at_us = read_int(reading, "finished_at_us", false);
	read_parts(reading, run);
	read_steps(reading, run);
	read_cases(reading, run);
}

static int compare_runs(const void *a, const void *b)
{
	const struct report_run *left = a, *right = b;

	if (left->index != right->index)
		return left->index < right->index ? -1 : 1;
	return (left->attempt > right->attempt) - (left->attempt < right->attempt);
}

static void read_runs(struct reading *reading, struct report *report)
{
	void *elements = NULL;
	const json_t *list = read_list(reading, "runs", sizeof *report->runs, &elements);

	report->runs = elements;
	for (size_t i = 0; list && i < json_array_size(list) && !reading->rc; i++) {
		struct reading one = {.object = json_array_get(list, i), .err = reading->err};

		read_run(&one, &report->runs[report->run_count++]);
		reading->rc = one.rc;
		if (one.rc)
			err_prefix(reading->err, "runs[%zu]", i);
	}
	if (report->run_count)
		qsort(report->runs, report->run_count, sizeof *report->runs, compare_runs);
	for (size_t i = 0; i + 1 < report->run_count; i++)
		report->runs[i].superseded = report->runs[i].index == report->runs[i + 1].index;
}

static void read_job(struct reading *reading, struct report *report)
{
	report->id = read_int(reading, "id", true);
	report->name = read_text(reading, "name");
	report->org = read_text(reading, "org");
	report->suite = read_text(reading, "suite");
	report->state = read_text(reading, "state");
	report->text = read_text(reading, "text");
	report->priority = read_int(reading, "priority", false);
	report->verdict = read_verdict(reading);
	report->cause = read_cause(reading);
	report->submitted_at_us = read_int(reading, "submitted_at_us", false);
	report->finished_at_us = read_int(reading, "finished_at_us", false);
	read_runs(reading, report);
}

static void run_finish(struct report_run *run)
{
	free(run->steps);
	free(run->cases);
}

/* Keeps only the run. Returns false when there is none of that number. */
static bool cut_to_run(struct report *report, int64_t run_id)
{
	struct report_run kept = {0};
	bool found = false;

	for (size_t i = 0; i < report->run_count; i++) {
		if (report->runs[i].id == run_id && !found) {
			kept = report->runs[i];
			found = true;
		} else {
			run_finish(&report->runs[i]);
		}
	}
	report->run_count = 0;
	if (!found)
		return false;
	report->runs[report->run_count++] = kept;
	report->only_run = run_id;
	return true;
}

int report_create(const json_t *job, int64_t run_id, struct report **ret_report, struct err *err)
{
	struct reading reading = {.object = job, .err = err};
	struct report *report = calloc(1, sizeof *report);

	if (!report)
		return err_set(err, ERR_NOMEM, "out of memory for a report");
	report->root = json_incref((json_t *)(uintptr_t)job);
	read_job(&reading, report);
	if (!reading.rc && run_id && !cut_to_run(report, run_id))
		reading.rc = err_set(err, ERR_NOT_FOUND, "job %lld has no run %lld", (long long)report->id,
				     (long long)run_id);
	if (reading.rc) {
		report_destroy(report);
		return reading.rc;
	}
	*ret_report = report;
	return 0;
}

void report_destroy(struct report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->run_count; i++)
		run_finish(&report->runs[i]);
	free(report->runs);
	json_decref(report->root);
	free(report);
}

bool report_format_parse(const char *name, enum report_format *ret_format)
{
	for (size_t i = 0; i < COUNT(formats); i++) {
		if (strcmp(formats[i].name, name) == 0) {
			*ret_format = (enum report_format)i;
			return true;
		}
	}
	return false;
}

const char *report_content_type(enum report_format format)
{
	return (size_t)format < COUNT(formats) ? formats[format].type : "application/octet-stream";
}

static int write_as(const struct report *report, enum report_format format, struct buf *out)
{
	switch (format) {
	case REPORT_TEXT:
		return report_write_text(report, false, out);
	case REPORT_JSON:
		return report_write_json(report, out);
	case REPORT_JUNIT:
		return report_write_junit(report, out);
	}
	return ERR_INVALID;
}

int report_render(const json_t *job, int64_t run_id, const char *format, struct buf *out, const char **ret_content_type,
		  struct err *err)
{
	enum report_format wanted;
	struct report *report;
	int rc;

	if (!report_format_parse(format, &wanted))
		return err_set(err, ERR_INVALID, "format: found \"%.40s\", expected one of text, json, junit", format);
	rc = report_create(job, run_id, &report, err);
	if (rc)
		return rc;
	rc = write_as(report, wanted, out);
	report_destroy(report);
	if (rc)
		return err_set(err, (enum err_code)rc, "cannot write the report: %s", err_name((enum err_code)rc));
	*ret_content_type = report_content_type(wanted);
	return 0;
}
