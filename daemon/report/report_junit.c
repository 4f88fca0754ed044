/* SPDX-License-Identifier: Apache-2.0 */
/* A report as JUnit XML, as Jenkins and GitLab read it: only elements and attributes their schemas know. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/report/report.h"
#include "daemon/report/when.h"
#include "daemon/report/xml.h"

#define MESSAGE_MAX (1u << 20)

/* How JUnit sees a result. */
enum outcome { OUTCOME_OK, OUTCOME_FAILURE, OUTCOME_ERROR, OUTCOME_SKIPPED };

struct tally {
	size_t tests, of[4];
};

static enum outcome case_outcome(const struct report_case *result)
{
	switch (result->verdict) {
	case CASE_PASS:
		return OUTCOME_OK;
	case CASE_FAIL:
	case CASE_MISSING:
		return OUTCOME_FAILURE;
	case CASE_IGNORED:
		return OUTCOME_SKIPPED;
	case CASE_CRASHED:
	case CASE_ERROR:
		break;
	}
	return OUTCOME_ERROR;
}

static enum outcome run_outcome(const struct report_run *run)
{
	if (run->superseded)
		return OUTCOME_SKIPPED;
	switch (run->verdict) {
	case RUN_PASSED:
		return OUTCOME_OK;
	case RUN_FAILED:
		return OUTCOME_FAILURE;
	case RUN_CANCELLED:
		return OUTCOME_SKIPPED;
	case RUN_NONE:
	case RUN_INFRASTRUCTURE:
	case RUN_INCONCLUSIVE:
		break;
	}
	return OUTCOME_ERROR;
}

static struct tally tally_run(const struct report_run *run)
{
	struct tally tally = {.tests = 1};

	tally.of[run_outcome(run)]++;
	/* The cases of an attempt that was repeated count nowhere: the later one speaks. */
	for (size_t i = 0; i < run->case_count && !run->superseded; i++) {
		tally.tests++;
		tally.of[case_outcome(&run->cases[i])]++;
	}
	return tally;
}

static void write_seconds(struct xml *xml, int64_t from_us, int64_t to_us)
{
	int64_t took_us = from_us && to_us > from_us ? to_us - from_us : 0;

	xml_raw(xml, " time=\"%" PRId64 ".%06" PRId64 "\"", took_us / 1000000, took_us % 1000000);
}

static void write_tally(struct xml *xml, const struct tally *tally)
{
	xml_raw(xml, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", tally->tests, tally->of[OUTCOME_FAILURE],
		tally->of[OUTCOME_ERROR]);
}

/* The child that says why a test is not ok; nothing when it is. */
static void write_outcome(struct xml *xml, enum outcome outcome, const char *type, const char *message,
			  const char *detail)
{
	static const char *const elements[] = {
		[OUTCOME_FAILURE] = "failure", [OUTCOME_ERROR] = "error", [OUTCOME_SKIPPED] = "skipped"};

	if (outcome == OUTCOME_OK)
		return;
	xml_raw(xml, "      <%s", elements[outcome]);
	if (outcome != OUTCOME_SKIPPED)
		xml_attribute(xml, "type", type);
	xml_attribute(xml, "message", message);
	if (outcome == OUTCOME_SKIPPED || !detail[0]) {
		xml_raw(xml, "/>\n");
		return;
	}
	xml_raw(xml, ">");
	xml_text(xml, detail);
	xml_raw(xml, "</%s>\n", elements[outcome]);
}

/* The one-line story of a case that is not ok. */
static int case_message(const struct report_case *result, struct buf *out)
{
	const char *word = case_verdict_name(result->verdict), *rest = "";

	if (result->verdict != CASE_IGNORED)
		return buf_append_text(out, result->message[0] ? result->message : word);
	if (result->waived_ignore)
		rest = ", as the suite allows";
	else if (result->required)
		rest = " although required";
	return buf_appendf(out, "%s%s%s%s", word, rest, result->message[0] ? ": " : "", result->message);
}

/* What the result rests on. */
static void case_detail(const struct report_run *run, const struct report_case *result, char *out, size_t size)
{
	int len = snprintf(out, size, "%s, on board %s in run %" PRId64, result->required ? "required" : "not required",
			   run->board, run->id);

	if (result->end > result->offset && len > 0 && (size_t)len < size)
		snprintf(out + len, size - (size_t)len, ", console bytes %" PRId64 " to %" PRId64, result->offset,
			 result->end);
}

static void write_case(struct xml *xml, const struct report_run *run, const struct report_case *result)
{
	const char *word = case_verdict_name(result->verdict);
	enum outcome outcome = case_outcome(result);
	struct buf message;
	char detail[240];
	int rc;

	xml_raw(xml, "    <testcase");
	xml_attribute(xml, "classname", result->group[0] ? result->group : run->board_type);
	xml_attribute(xml, "name", result->name);
	write_seconds(xml, result->begun_at_us, result->ended_at_us);
	xml_attribute(xml, "status", word);
	if (outcome == OUTCOME_OK) {
		xml_raw(xml, "/>\n");
		return;
	}
	xml_raw(xml, ">\n");
	buf_init(&message, MESSAGE_MAX);
	rc = case_message(result, &message);
	if (!xml->rc)
		xml->rc = rc;
	case_detail(run, result, detail, sizeof detail);
	write_outcome(xml, outcome, word, buf_text(&message), detail);
	buf_finish(&message);
	xml_raw(xml, "    </testcase>\n");
}

static void write_verdict(struct xml *xml, const struct report_run *run)
{
	const char *word = run_verdict_name(run->verdict);
	enum outcome outcome = run_outcome(run);
	char detail[500];

	xml_raw(xml, "    <testcase classname=\"assay.run\" name=\"verdict\"");
	write_seconds(xml, run->started_at_us, run->finished_at_us);
	xml_attribute(xml, "status", run->verdict == RUN_NONE ? run->state : word);
	if (outcome == OUTCOME_OK) {
		xml_raw(xml, "/>\n");
		return;
	}
	xml_raw(xml, ">\n");
	if (run->superseded)
		snprintf(detail, sizeof detail, "attempt %" PRId64 " ended %s (%s) and was repeated", run->attempt,
			 word, cause_name(run->cause));
	else if (run->verdict == RUN_NONE)
		snprintf(detail, sizeof detail, "the run has not ended: it is %s", run->state);
	else
		snprintf(detail, sizeof detail, "%s: %s", word, cause_name(run->cause));
	if (outcome == OUTCOME_SKIPPED || run->verdict == RUN_NONE)
		write_outcome(xml, outcome, word, detail, "");
	else
		write_outcome(xml, outcome, cause_name(run->cause), detail, run->text);
	xml_raw(xml, "    </testcase>\n");
}

static void write_property(struct xml *xml, const char *name, const char *value)
{
	if (!value[0])
		return;
	xml_raw(xml, "      <property");
	xml_attribute(xml, "name", name);
	xml_attribute(xml, "value", value);
	xml_raw(xml, "/>\n");
}

static void write_number(struct xml *xml, const char *name, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, number);
	write_property(xml, name, text);
}

static void write_properties(struct xml *xml, const struct report_run *run)
{
	xml_raw(xml, "    <properties>\n");
	write_number(xml, "assay.run", run->id);
	write_number(xml, "assay.attempt", run->attempt);
	write_property(xml, "assay.board", run->board);
	write_property(xml, "assay.board-type", run->board_type);
	write_property(xml, "assay.verdict", run_verdict_name(run->verdict));
	write_property(xml, "assay.cause", cause_name(run->cause));
	write_property(xml, "assay.reason", run->text);
	write_property(xml, "assay.image", run->image_name);
	write_property(xml, "assay.image.sha256", run->image_sha256);
	write_property(xml, "assay.image.build-id", run->image_build_id);
	write_number(xml, "assay.cases.passed", run->counts.passed);
	write_number(xml, "assay.cases.failed", run->counts.failed);
	write_number(xml, "assay.cases.ignored", run->counts.ignored);
	write_number(xml, "assay.cases.missing", run->counts.missing);
	write_number(xml, "assay.cases.crashed", run->counts.crashed);
	write_number(xml, "assay.cases.error", run->counts.error);
	write_number(xml, "assay.console.bytes", run->console_bytes);
	write_number(xml, "assay.console.dropped", run->console_dropped);
	write_property(xml, "assay.console.sha256", run->console_sha256);
	write_property(xml, "assay.core", run->core);
	xml_raw(xml, "    </properties>\n");
}

static void write_run(struct xml *xml, const struct report_run *run)
{
	struct tally tally = tally_run(run);
	char name[200], started[WHEN_MAX];

	snprintf(name, sizeof name, "%s on %s, run %" PRId64, run->board_type, run->board[0] ? run->board : "no board",
		 run->id);
	xml_raw(xml, "  <testsuite");
	xml_attribute(xml, "name", name);
	write_tally(xml, &tally);
	xml_raw(xml, " skipped=\"%zu\"", tally.of[OUTCOME_SKIPPED]);
	write_seconds(xml, run->started_at_us, run->finished_at_us);
	/* Schemas want a local time without a zone here. */
	when_iso(run->started_at_us ? run->started_at_us : run->queued_at_us, started, sizeof started);
	started[strcspn(started, "Z")] = '\0';
	if (started[0])
		xml_attribute(xml, "timestamp", started);
	if (run->agent[0])
		xml_attribute(xml, "hostname", run->agent);
	xml_raw(xml, ">\n");
	write_properties(xml, run);
	write_verdict(xml, run);
	for (size_t i = 0; i < run->case_count && !run->superseded; i++)
		write_case(xml, run, &run->cases[i]);
	xml_raw(xml, "  </testsuite>\n");
}

int report_write_junit(const struct report *report, struct buf *out)
{
	struct xml xml = {.out = out};
	struct tally total = {0};
	char name[200];

	for (size_t i = 0; i < report->run_count; i++) {
		struct tally tally = tally_run(&report->runs[i]);

		total.tests += tally.tests;
		for (size_t k = 0; k < 4; k++)
			total.of[k] += tally.of[k];
	}
	snprintf(name, sizeof name, "job %" PRId64 ": %.120s", report->id, report->name);
	xml_raw(&xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	xml_attribute(&xml, "name", name);
	write_tally(&xml, &total);
	write_seconds(&xml, report->submitted_at_us, report->finished_at_us);
	xml_raw(&xml, ">\n");
	for (size_t i = 0; i < report->run_count; i++)
		write_run(&xml, &report->runs[i]);
	xml_raw(&xml, "</testsuites>\n");
	return xml.rc;
}
