/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a report: the job and its runs, and cases one at a time, so that every format says the same. */
#include <stdlib.h>
#include <string.h>

#include "daemon/report/reading.h"
#include "daemon/report/report.h"

static void read_parts(struct reading *reading, struct report_run *run)
{
	struct reading image = reading_child(reading, "image"), counts = reading_child(reading, "counts");
	struct reading console = reading_child(reading, "console");

	run->image_name = reading_text(&image, "name");
	run->image_sha256 = reading_text(&image, "sha256");
	run->image_build_id = reading_text(&image, "build_id");
	run->counts = (struct report_counts){.passed = reading_int(&counts, "passed", false),
					     .failed = reading_int(&counts, "failed", false),
					     .ignored = reading_int(&counts, "ignored", false),
					     .missing = reading_int(&counts, "missing", false),
					     .crashed = reading_int(&counts, "crashed", false),
					     .error = reading_int(&counts, "error", false),
					     .waived = reading_int(&counts, "waived", false),
					     .expected = reading_int(&counts, "expected", false)};
	run->console_bytes = reading_int(&console, "bytes", false);
	run->console_dropped = reading_int(&console, "dropped", false);
	run->console_sha256 = reading_text(&console, "sha256");
	reading_join(reading, &image);
	reading_join(reading, &counts);
	reading_join(reading, &console);
}

static void read_run(struct reading *reading, struct report_run *run)
{
	run->id = reading_int(reading, "id", true);
	run->index = reading_int(reading, "index", false);
	run->attempt = reading_int(reading, "attempt", false);
	run->board = reading_text(reading, "board");
	run->board_type = reading_text(reading, "board_type");
	run->agent = reading_text(reading, "agent");
	run->state = reading_text(reading, "state");
	run->text = reading_text(reading, "text");
	run->core = reading_text(reading, "core");
	run->verdict = reading_run_verdict(reading);
	run->cause = reading_cause(reading);
	run->queued_at_us = reading_int(reading, "queued_at_us", false);
	run->started_at_us = reading_int(reading, "started_at_us", false);
	run->finished_at_us = reading_int(reading, "finished_at_us", false);
	read_parts(reading, run);
}

static int compare_runs(const void *a, const void *b)
{
	const struct report_run *left = a, *right = b;

	if (left->index != right->index)
		return left->index < right->index ? -1 : 1;
	return (left->attempt > right->attempt) - (left->attempt < right->attempt);
}

/* What the runs of one index are to each other. */
static void relate_attempts(struct report *report)
{
	for (size_t i = 0; i < report->run_count;) {
		size_t end = i + 1;

		while (end < report->run_count && report->runs[end].index == report->runs[i].index)
			end++;
		for (size_t k = i; k < end; k++) {
			report->runs[k].attempts = (int64_t)(end - i);
			report->runs[k].superseded = k + 1 < end;
		}
		report->runs[end - 1].passed_on_retry =
			report->runs[end - 1].verdict == RUN_PASSED && report->runs[end - 1].attempt > 1;
		i = end;
	}
}

static void read_runs(struct reading *reading, struct report *report)
{
	const json_t *list = reading_list(reading, "runs");

	if (!json_array_size(list))
		return;
	report->runs = calloc(json_array_size(list), sizeof *report->runs);
	if (!report->runs) {
		reading->rc = err_set(reading->err, ERR_NOMEM, "out of memory for a report");
		return;
	}
	for (size_t i = 0; i < json_array_size(list) && !reading->rc; i++) {
		struct reading one = {.object = json_array_get(list, i), .err = reading->err};

		read_run(&one, &report->runs[report->run_count++]);
		reading->rc = one.rc;
		if (one.rc)
			err_prefix(reading->err, "runs[%zu]", i);
	}
	qsort(report->runs, report->run_count, sizeof *report->runs, compare_runs);
	relate_attempts(report);
}

static void read_job(struct reading *reading, struct report *report)
{
	report->id = reading_int(reading, "id", true);
	report->name = reading_text(reading, "name");
	report->org = reading_text(reading, "org");
	report->owner = reading_text(reading, "owner");
	report->suite = reading_text(reading, "suite");
	report->state = reading_text(reading, "state");
	report->text = reading_text(reading, "text");
	report->priority = reading_int(reading, "priority", false);
	report->retries = reading_int(reading, "retries", false);
	report->verdict = reading_run_verdict(reading);
	report->cause = reading_cause(reading);
	report->submitted_at_us = reading_int(reading, "submitted_at_us", false);
	report->finished_at_us = reading_int(reading, "finished_at_us", false);
	read_runs(reading, report);
}

/* Keeps only the run; one of no such number leaves none. */
static int cut_to_run(struct report *report, int64_t run_id, struct err *err)
{
	for (size_t i = 0; i < report->run_count; i++) {
		if (report->runs[i].id != run_id)
			continue;
		report->runs[0] = report->runs[i];
		report->run_count = 1;
		report->only_run = run_id;
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "job %lld has no run %lld", (long long)report->id, (long long)run_id);
}

static int count_case(void *context, const struct report_case *result, struct err *err)
{
	struct report_run *run = context;

	(void)err;
	run->case_count++;
	run->measured_count += result->measured_count;
	run->tally.of[result->verdict][result->standing]++;
	return 0;
}

static int count_cases(struct report *report, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < report->run_count && !rc; i++)
		rc = report_each_case(report, &report->runs[i], count_case, &report->runs[i], err);
	return rc;
}

int report_create(const struct job_reader *reader, int64_t run_id, struct report **ret_report, struct err *err)
{
	struct report *report = calloc(1, sizeof *report);
	struct reading reading = {.err = err};
	int rc;

	if (!report)
		return err_set(err, ERR_NOMEM, "out of memory for a report");
	report->reader = reader;
	rc = reader->job(reader->context, &report->root, err);
	if (!rc) {
		reading.object = report->root;
		read_job(&reading, report);
		rc = reading.rc;
	}
	if (!rc && run_id)
		rc = cut_to_run(report, run_id, err);
	if (!rc)
		rc = count_cases(report, err);
	if (rc) {
		report_destroy(report);
		return rc;
	}
	*ret_report = report;
	return 0;
}

void report_destroy(struct report *report)
{
	if (!report)
		return;
	json_decref(report->root);
	free(report->runs);
	free(report);
}

size_t report_tally_of(const struct report_tally *tally, enum case_verdict verdict)
{
	size_t count = 0;

	for (enum case_standing s = STANDING_PLAIN; s <= STANDING_OPTIONAL; s++)
		count += tally->of[verdict][s];
	return count;
}

void report_tally_add(struct report_tally *tally, const struct report_tally *more)
{
	for (enum case_verdict v = CASE_PASS; v <= CASE_ERROR; v++)
		for (enum case_standing s = STANDING_PLAIN; s <= STANDING_OPTIONAL; s++)
			tally->of[v][s] += more->of[v][s];
}

bool report_case_is_loud(const struct report_case *result)
{
	if (result->standing == STANDING_UNEXPECTED_PASS)
		return true;
	return result->verdict != CASE_PASS && !(result->verdict == CASE_IGNORED && !result->required);
}
