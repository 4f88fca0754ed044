/* SPDX-License-Identifier: Apache-2.0 */
/* A report as JUnit XML, as Jenkins and GitLab read it: only elements and attributes their schemas know. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "daemon/report/outcome.h"
#include "daemon/report/when.h"

#define PLACE_MAX 120

struct writing {
	const struct report *report;
	const struct report_run *run;
	struct xml xml;
};

static struct outcome_tally tally_run(const struct report_run *run)
{
	struct outcome_tally tally = {.tests = 1};

	tally.of[outcome_of_run(run)]++;
	/* The cases of an attempt that was repeated count nowhere: the later one speaks. */
	if (!run->superseded)
		outcome_tally_cases(&run->tally, &tally);
	return tally;
}

static void write_tally(struct xml *xml, const struct outcome_tally *tally)
{
	xml_raw(xml, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", tally->tests, tally->of[OUTCOME_FAILURE],
		tally->of[OUTCOME_ERROR]);
}

/* Readers know a test by its class and name alone, and take the first of those that are called the same. So in a job of
 * several runs each class says which it is: by the run's place in the job, which is the same in the next job. */
static void write_class(struct writing *writing, const char *class)
{
	const struct report *report = writing->report;
	const struct report_run *run = writing->run;
	char place[PLACE_MAX], *whole = NULL;

	snprintf(place, sizeof place, " [%" PRId64 " %.80s]", run->index + 1, run->board_type);
	if (report->run_count && report->runs[report->run_count - 1].index != report->runs[0].index &&
	    asprintf(&whole, "%s%s", class, place) < 0)
		whole = NULL;
	xml_attribute(&writing->xml, "classname", whole ? whole : class);
	free(whole);
}

static int on_case(void *context, const struct report_case *result, struct err *err)
{
	struct writing *writing = context;
	struct xml *xml = &writing->xml;

	(void)err;
	xml_raw(xml, "    <testcase");
	write_class(writing, result->group[0] ? result->group : writing->run->board_type);
	xml_attribute(xml, "name", result->name);
	outcome_write_seconds(xml, result->begun_at_us, result->ended_at_us);
	if (outcome_of(result->verdict, result->standing) == OUTCOME_OK) {
		xml_raw(xml, "/>\n");
		return 0;
	}
	xml_raw(xml, ">\n");
	outcome_write_case(xml, writing->run, result);
	xml_raw(xml, "    </testcase>\n");
	return 0;
}

static int write_verdict(struct writing *writing, const struct report_run *run, struct err *err)
{
	struct xml *xml = &writing->xml;
	const char *word = run_verdict_name(run->verdict);
	enum outcome outcome = outcome_of_run(run);
	char detail[500];
	int rc = 0;

	xml_raw(xml, "    <testcase");
	write_class(writing, "assay.run");
	if (run->superseded)
		snprintf(detail, sizeof detail, "verdict of attempt %" PRId64, run->attempt);
	else
		snprintf(detail, sizeof detail, "verdict");
	xml_attribute(xml, "name", detail);
	outcome_write_seconds(xml, run->started_at_us, run->finished_at_us);
	if (outcome == OUTCOME_OK) {
		xml_raw(xml, "/>\n");
		return 0;
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
		outcome_write(xml, outcome, word, detail, "");
	else
		rc = outcome_write_run(xml, writing->report, run, cause_name(run->cause), detail, err);
	xml_raw(xml, "    </testcase>\n");
	return rc;
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

static int write_parameters(struct writing *writing, const struct report_run *run, struct err *err)
{
	json_t *parameters, *value;
	const char *name;
	char property[120];
	int rc = report_parameters(writing->report, run, &parameters, err);

	if (rc)
		return rc;
	json_object_foreach(parameters, name, value)
	{
		snprintf(property, sizeof property, "assay.parameter.%.90s", name);
		write_property(&writing->xml, property, json_string_value(value));
	}
	json_decref(parameters);
	return 0;
}

static int write_properties(struct writing *writing, const struct report_run *run, struct err *err)
{
	struct xml *xml = &writing->xml;
	int rc;

	xml_raw(xml, "    <properties>\n");
	write_number(xml, "assay.run", run->id);
	write_number(xml, "assay.attempt", run->attempt);
	if (run->passed_on_retry)
		write_property(xml, "assay.passed-on-retry", "true");
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
	write_number(xml, "assay.cases.waived", run->counts.waived);
	write_number(xml, "assay.cases.expected", run->counts.expected);
	write_number(xml, "assay.console.bytes", run->console_bytes);
	write_number(xml, "assay.console.dropped", run->console_dropped);
	write_property(xml, "assay.console.sha256", run->console_sha256);
	write_property(xml, "assay.core", run->core);
	rc = write_parameters(writing, run, err);
	xml_raw(xml, "    </properties>\n");
	return rc;
}

static int write_run(struct writing *writing, const struct report_run *run, struct err *err)
{
	struct xml *xml = &writing->xml;
	struct outcome_tally tally = tally_run(run);
	char name[200], started[WHEN_MAX];
	int rc;

	writing->run = run;
	snprintf(name, sizeof name, "%s on %s, run %" PRId64, run->board_type, run->board[0] ? run->board : "no board",
		 run->id);
	xml_raw(xml, "  <testsuite");
	xml_attribute(xml, "name", name);
	write_tally(xml, &tally);
	xml_raw(xml, " skipped=\"%zu\"", tally.of[OUTCOME_SKIPPED]);
	outcome_write_seconds(xml, run->started_at_us, run->finished_at_us);
	/* Schemas want a local time without a zone here. */
	when_iso(run->started_at_us ? run->started_at_us : run->queued_at_us, started, sizeof started);
	started[strcspn(started, "Z")] = '\0';
	if (started[0])
		xml_attribute(xml, "timestamp", started);
	if (run->agent[0])
		xml_attribute(xml, "hostname", run->agent);
	xml_raw(xml, ">\n");
	rc = write_properties(writing, run, err);
	if (!rc)
		rc = write_verdict(writing, run, err);
	if (!rc && !run->superseded)
		rc = report_each_case(writing->report, run, on_case, writing, err);
	xml_raw(xml, "  </testsuite>\n");
	return rc;
}

int report_write_junit(const struct report *report, FILE *out, struct err *err)
{
	struct writing writing = {.report = report, .xml = {out}};
	struct xml *xml = &writing.xml;
	struct outcome_tally total = {0};
	char job[120], name[200];
	int rc = 0;

	for (size_t i = 0; i < report->run_count; i++) {
		struct outcome_tally tally = tally_run(&report->runs[i]);

		outcome_tally_add(&total, &tally);
	}
	mem_text_into(job, sizeof job, report->name);
	snprintf(name, sizeof name, "job %" PRId64 ": %s", report->id, job);
	xml_raw(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	xml_attribute(xml, "name", name);
	write_tally(xml, &total);
	outcome_write_seconds(xml, report->submitted_at_us, report->finished_at_us);
	xml_raw(xml, ">\n");
	for (size_t i = 0; i < report->run_count && !rc; i++)
		rc = write_run(&writing, &report->runs[i], err);
	xml_raw(xml, "</testsuites>\n");
	return rc;
}
