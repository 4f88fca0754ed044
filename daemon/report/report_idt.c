/* SPDX-License-Identifier: Apache-2.0 */
/* Reports in the shape of the AWS IoT Device Tester: awsiotdevicetester_report.xml, which holds the product, the device
 * and its features, and FRQ_Report.xml, which holds the results. A group of cases is one testsuite of a run, in the
 * order of the console: groups that come back later are a testsuite again. Attempts that were repeated are left out;
 * the number of them stands at each case. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "daemon/report/features.h"
#include "daemon/report/outcome.h"
#include "daemon/report/when.h"

#define NAME_MAX_BYTES 300

/* Cases that follow each other in one group. */
struct stretch {
	struct outcome_tally tally;
	int64_t from_us, to_us;
};

struct writing {
	const struct report *report;
	const struct report_run *run;
	struct xml xml;
	char group[NAME_MAX_BYTES]; /* of the stretch that is open */
	bool open;
	struct stretch *stretches; /* of the run */
	size_t count, room, at;
};

/* Whether the case belongs to the open stretch; if not it begins one. */
static bool same_group(struct writing *writing, const struct report_case *result)
{
	char group[NAME_MAX_BYTES];

	mem_text_into(group, sizeof group, result->group[0] ? result->group : writing->run->board_type);
	if (writing->open && strcmp(group, writing->group) == 0)
		return true;
	writing->open = true;
	mem_text_into(writing->group, sizeof writing->group, group);
	return false;
}

static int add_stretch(struct writing *writing, struct err *err)
{
	size_t room = writing->room ? 2 * writing->room : 64;
	struct stretch *more;

	if (writing->count == writing->room) {
		more = realloc(writing->stretches, room * sizeof *more);
		if (!more)
			return err_set(err, ERR_NOMEM, "out of memory for a report");
		writing->stretches = more;
		writing->room = room;
	}
	writing->stretches[writing->count++] = (struct stretch){0};
	return 0;
}

static int measure_case(void *context, const struct report_case *result, struct err *err)
{
	struct writing *writing = context;
	struct stretch *stretch;
	int rc = same_group(writing, result) ? 0 : add_stretch(writing, err);

	if (rc)
		return rc;
	stretch = &writing->stretches[writing->count - 1];
	stretch->tally.tests++;
	stretch->tally.of[outcome_of(result->verdict, result->standing)]++;
	if (!stretch->from_us)
		stretch->from_us = result->begun_at_us;
	if (result->ended_at_us)
		stretch->to_us = result->ended_at_us;
	return 0;
}

static void write_tally(struct xml *xml, const struct outcome_tally *tally)
{
	xml_raw(xml, " tests=\"%zu\" failures=\"%zu\" skipped=\"%zu\" errors=\"%zu\" disabled=\"0\"", tally->tests,
		tally->of[OUTCOME_FAILURE], tally->of[OUTCOME_SKIPPED], tally->of[OUTCOME_ERROR]);
}

static void begin_suite(struct writing *writing)
{
	const struct stretch *stretch = &writing->stretches[writing->at++];
	struct xml *xml = &writing->xml;

	if (writing->at > 1)
		xml_raw(xml, "  </testsuite>\n");
	xml_raw(xml, "  <testsuite");
	xml_attribute(xml, "name", writing->group);
	xml_attribute(xml, "package", writing->run->board_type);
	write_tally(xml, &stretch->tally);
	outcome_write_seconds(xml, stretch->from_us, stretch->to_us);
	xml_raw(xml, ">\n");
}

static void begin_case(struct writing *writing, const char *group, const char *name)
{
	char class_name[NAME_MAX_BYTES + 8];

	snprintf(class_name, sizeof class_name, "FRQ %s", group);
	xml_raw(&writing->xml, "    <testcase");
	xml_attribute(&writing->xml, "classname", class_name);
	xml_attribute(&writing->xml, "name", name);
	xml_raw(&writing->xml, " attempts=\"%" PRId64 "\"", writing->run->attempts);
}

static int write_case(void *context, const struct report_case *result, struct err *err)
{
	struct writing *writing = context;

	(void)err;
	if (!same_group(writing, result))
		begin_suite(writing);
	begin_case(writing, writing->group, result->name);
	outcome_write_seconds(&writing->xml, result->begun_at_us, result->ended_at_us);
	if (outcome_of(result->verdict, result->standing) == OUTCOME_OK) {
		xml_raw(&writing->xml, "/>\n");
		return 0;
	}
	xml_raw(&writing->xml, ">\n");
	outcome_write_case(&writing->xml, writing->run, result);
	xml_raw(&writing->xml, "    </testcase>\n");
	return 0;
}

/* The run itself, as a testsuite of one: a run that ended before any case is seen only here. */
static int write_verdict(struct writing *writing, const struct report_run *run, struct err *err)
{
	enum outcome outcome = outcome_of_run(run);
	struct outcome_tally tally = {.tests = 1};
	struct xml *xml = &writing->xml;
	char message[200];
	int rc = 0;

	tally.of[outcome]++;
	xml_raw(xml, "  <testsuite name=\"Run%" PRId64 "\"", run->id);
	xml_attribute(xml, "package", run->board_type);
	write_tally(xml, &tally);
	outcome_write_seconds(xml, run->started_at_us, run->finished_at_us);
	xml_raw(xml, ">\n");
	begin_case(writing, "Run", "verdict");
	outcome_write_seconds(xml, run->started_at_us, run->finished_at_us);
	snprintf(message, sizeof message, "%s: %s",
		 run->verdict == RUN_NONE ? run->state : run_verdict_name(run->verdict), cause_name(run->cause));
	xml_raw(xml, outcome == OUTCOME_OK ? "/>\n" : ">\n");
	if (outcome != OUTCOME_OK)
		rc = outcome_write_run(xml, writing->report, run, cause_name(run->cause), message, err);
	xml_raw(xml, outcome == OUTCOME_OK ? "  </testsuite>\n" : "    </testcase>\n  </testsuite>\n");
	return rc;
}

static int write_run(struct writing *writing, const struct report_run *run, struct err *err)
{
	int rc;

	writing->run = run;
	writing->count = writing->at = 0;
	writing->open = false;
	rc = write_verdict(writing, run, err);
	if (!rc)
		rc = report_each_case(writing->report, run, measure_case, writing, err);
	writing->open = false;
	if (!rc)
		rc = report_each_case(writing->report, run, write_case, writing, err);
	if (writing->at)
		xml_raw(&writing->xml, "  </testsuite>\n");
	return rc;
}

static int write_suites(const struct report *report, struct xml xml, struct err *err)
{
	struct writing writing = {.report = report, .xml = xml};
	struct outcome_tally total = {0};
	int rc = 0;

	for (size_t i = 0; i < report->run_count; i++) {
		if (!report_run_counts(&report->runs[i]))
			continue;
		outcome_tally_cases(&report->runs[i].tally, &total);
		total.tests++;
		total.of[outcome_of_run(&report->runs[i])]++;
	}
	xml_raw(&xml, "<testsuites");
	xml_attribute(&xml, "name", report->suite[0] ? report->suite : report->name);
	outcome_write_seconds(&xml, report->submitted_at_us, report->finished_at_us);
	write_tally(&xml, &total);
	xml_raw(&xml, ">\n");
	for (size_t i = 0; i < report->run_count && !rc; i++)
		if (report_run_counts(&report->runs[i]))
			rc = write_run(&writing, &report->runs[i], err);
	xml_raw(&xml, "</testsuites>\n");
	free(writing.stretches);
	return rc;
}

int report_write_idt_frq(const struct report *report, FILE *out, struct err *err)
{
	struct xml xml = {out};

	xml_raw(&xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	return write_suites(report, xml, err);
}

static void write_element(struct xml *xml, const char *name, const char *text)
{
	xml_raw(xml, "<%s>", name);
	xml_text(xml, text);
	xml_raw(xml, "</%s>\n", name);
}

static void write_session(struct xml *xml, const struct report *report)
{
	char text[WHEN_MAX];

	xml_raw(xml, "<session>\n");
	snprintf(text, sizeof text, "%" PRId64, report->id);
	write_element(xml, "testsession", text);
	when_iso(report->submitted_at_us, text, sizeof text);
	write_element(xml, "starttime", text);
	when_iso(report->finished_at_us, text, sizeof text);
	write_element(xml, "endtime", text);
	xml_raw(xml, "</session>\n");
}

/* "a, b" of what is different in the runs that count. */
static void join(const struct report *report, bool of_type, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < report->run_count && len < size; i++) {
		const struct report_run *run = &report->runs[i];
		const char *name = of_type ? run->board_type : run->board;
		bool seen = !name[0] || !report_run_counts(run);

		for (size_t k = 0; k < i && !seen; k++)
			seen = strcmp(name, of_type ? report->runs[k].board_type : report->runs[k].board) == 0;
		if (!seen)
			len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "", name);
	}
}

static void write_device(struct xml *xml, const struct report *report, const struct features *features)
{
	char names[1000];

	xml_raw(xml, "<device>\n");
	join(report, true, names, sizeof names);
	write_element(xml, "sku", names);
	join(report, false, names, sizeof names);
	write_element(xml, "name", names);
	features_write(features, xml);
	xml_raw(xml, "<executionMethod>uart</executionMethod>\n</device>\n");
}

int report_write_idt_device(const struct report *report, FILE *out, struct err *err)
{
	struct xml xml = {out};
	struct features features;
	int rc = features_gather(report, &features, err);

	if (!rc) {
		xml_raw(&xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<apnreport>\n");
		write_element(&xml, "awsiotdevicetesterversion", "Assay " ASSAY_VERSION);
		write_element(&xml, "testsuiteversion", report->suite);
		/* What is signed is the bundle of evidence, and this file in it. */
		xml_raw(&xml, "<signature/>\n<keyname/>\n");
		write_session(&xml, report);
		xml_raw(&xml, "<awsproduct>\n");
		write_element(&xml, "name", report->name);
		write_element(&xml, "version", report->suite);
		features_write(&features, &xml);
		xml_raw(&xml, "</awsproduct>\n");
		write_device(&xml, report, &features);
		xml_raw(&xml, "<devenvironment><os name=\"Linux\"/></devenvironment>\n<report>\n");
		rc = write_suites(report, xml, err);
		xml_raw(&xml, "</report>\n</apnreport>\n");
	}
	features_finish(&features);
	return rc;
}
