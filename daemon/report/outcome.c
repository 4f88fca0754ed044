/* SPDX-License-Identifier: Apache-2.0 */
/* From verdicts to what JUnit and its kin know. */
#include "daemon/report/outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define DETAIL_MAX 2000

enum outcome outcome_of(enum case_verdict verdict, enum case_standing standing)
{
	if (standing == STANDING_WAIVED || standing == STANDING_EXPECTED)
		return OUTCOME_SKIPPED;
	if (standing == STANDING_UNEXPECTED_PASS)
		return OUTCOME_FAILURE;
	switch (verdict) {
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

enum outcome outcome_of_run(const struct report_run *run)
{
	if (run->superseded)
		return OUTCOME_SKIPPED;
	switch (run->verdict) {
	case RUN_PASSED:
		return OUTCOME_OK;
	case RUN_FAILED:
		return OUTCOME_FAILURE;
	case RUN_NONE:
	case RUN_CANCELLED:
	case RUN_INFRASTRUCTURE:
	case RUN_INCONCLUSIVE:
		break;
	}
	return OUTCOME_ERROR;
}

void outcome_tally_cases(const struct report_tally *cases, struct outcome_tally *tally)
{
	for (enum case_verdict v = CASE_PASS; v <= CASE_ERROR; v++) {
		for (enum case_standing s = STANDING_PLAIN; s <= STANDING_OPTIONAL; s++) {
			tally->tests += cases->of[v][s];
			tally->of[outcome_of(v, s)] += cases->of[v][s];
		}
	}
}

void outcome_tally_add(struct outcome_tally *tally, const struct outcome_tally *more)
{
	tally->tests += more->tests;
	for (size_t i = 0; i <= OUTCOME_SKIPPED; i++)
		tally->of[i] += more->of[i];
}

void outcome_write(struct xml *xml, enum outcome outcome, const char *type, const char *message, const char *detail)
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

/* What comes before the board's own words, "" when they are enough. */
static void prefix_of(const struct report_case *result, char *out, size_t size)
{
	const char *word = case_verdict_name(result->verdict);

	out[0] = '\0';
	if (result->standing == STANDING_WAIVED)
		snprintf(out, size, "%s, waived by waiver %" PRId64, word, result->waiver);
	else if (result->standing == STANDING_EXPECTED)
		snprintf(out, size, "%s, as expected", word);
	else if (result->standing == STANDING_UNEXPECTED_PASS)
		snprintf(out, size, "passed, and was expected to fail");
	else if (result->verdict == CASE_IGNORED)
		snprintf(out, size, "ignored%s",
			 result->waived_ignore ? ", as the suite allows"
			 : result->required    ? " although required"
					       : "");
}

/* What the result rests on. */
static void detail_of(const struct report_run *run, const struct report_case *result, char *out, size_t size)
{
	size_t len = (size_t)snprintf(out, size, "%s, on board %s in run %" PRId64,
				      result->required ? "required" : "not required", run->board, run->id);

	if (result->end > result->offset && len < size)
		len += (size_t)snprintf(out + len, size - len, ", console bytes %" PRId64 " to %" PRId64,
					result->offset, result->end);
	for (size_t i = 0; i < result->measured_count && len < size; i++) {
		const struct measurement *m = &result->measured[i];
		char words[MEASURE_NAME_MAX + MEASURE_BASIS_MAX + 100];

		if (m->verdict != MEASURE_OUT)
			continue;
		measure_describe(m, words, sizeof words);
		len += (size_t)snprintf(out + len, size - len, "\n%s", words);
	}
}

void outcome_write_case(struct xml *xml, const struct report_run *run, const struct report_case *result)
{
	const char *word = case_verdict_name(result->verdict);
	char prefix[100], detail[DETAIL_MAX], *whole = NULL;

	prefix_of(result, prefix, sizeof prefix);
	detail_of(run, result, detail, sizeof detail);
	if (prefix[0] && result->message[0] && asprintf(&whole, "%s: %s", prefix, result->message) < 0)
		whole = NULL;
	outcome_write(xml, outcome_of(result->verdict, result->standing), word,
		      whole                ? whole
		      : prefix[0]          ? prefix
		      : result->message[0] ? result->message
					   : word,
		      detail);
	free(whole);
}

int outcome_write_run(struct xml *xml, const struct report *report, const struct report_run *run, const char *type,
		      const char *message, struct err *err)
{
	char *post_mortem, *not_run = NULL, *whole = NULL;
	int rc = report_post_mortem(report, run, &post_mortem, err);

	if (!rc)
		rc = report_not_run(report, run, &not_run, err);
	if (!rc && (post_mortem || not_run) &&
	    asprintf(&whole, "%s%s%s%s%s", run->text, not_run ? "\nnot run: " : "", not_run ? not_run : "",
		     post_mortem ? "\n\n" : "", post_mortem ? post_mortem : "") < 0)
		whole = NULL;
	if (!rc)
		outcome_write(xml, outcome_of_run(run), type, message, whole ? whole : run->text);
	free(post_mortem);
	free(not_run);
	free(whole);
	return rc;
}

void outcome_write_seconds(struct xml *xml, int64_t from_us, int64_t to_us)
{
	int64_t took_us = from_us && to_us > from_us ? to_us - from_us : 0;

	xml_raw(xml, " time=\"%" PRId64 ".%06" PRId64 "\"", took_us / 1000000, took_us % 1000000);
}
