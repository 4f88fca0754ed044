/* SPDX-License-Identifier: Apache-2.0 */
/* A report as JSON (schema/json/report.schema.json): the model with its own words, times as RFC 3339; a line a case, so
 * that it is written while it is read. */
#include <stdlib.h>
#include <string.h>

#include "daemon/report/report.h"
#include "daemon/report/when.h"

struct writing {
	const struct report *report;
	const struct report_run *run;
	FILE *out;
	bool more; /* the list has an element */
};

/* Absent when unknown. */
static void put_time(json_t **object, const char *key, int64_t at_us)
{
	char text[WHEN_MAX];

	when_iso(at_us, text, sizeof text);
	if (text[0])
		json_put(object, key, json_string(text));
}

static void put_outcome(json_t **object, const char *state, enum run_verdict verdict, enum cause cause,
			const char *text)
{
	json_put(object, "state", json_string(state));
	json_put(object, "verdict", json_string(run_verdict_name(verdict)));
	json_put(object, "cause", json_string(cause_name(cause)));
	json_put(object, "text", json_string(text));
}

/* Writes the members of an object, or with braces all of it, and frees it. */
static int put_out(FILE *out, json_t *object, size_t flags, struct err *err)
{
	int rc;

	if (!object)
		return err_set(err, ERR_NOMEM, "out of memory for a report");
	rc = json_dumpf(object, out, flags | JSON_REAL_PRECISION(15));
	json_decref(object);
	return rc && !ferror(out) ? err_set(err, ERR_NOMEM, "out of memory for a report") : 0;
}

static int put_element(struct writing *writing, json_t *object, struct err *err)
{
	(void)fputs(writing->more ? ",\n   " : "\n   ", writing->out);
	writing->more = true;
	return put_out(writing->out, object, 0, err);
}

static int on_step(void *context, const struct report_step *step, struct err *err)
{
	json_t *entry = json_object();

	json_put(&entry, "step", json_string(step->step));
	json_put(&entry, "phase", json_string(step->back ? "back" : "forward"));
	put_time(&entry, "begun_at", step->begun_at_us);
	if (step->ended) {
		json_put(&entry, "cause", json_string(cause_name(step->cause)));
		json_put(&entry, "text", json_string(step->text));
		json_put(&entry, "took_us", json_integer(step->took_us));
	}
	return put_element(context, entry, err);
}

static json_t *measured_to_json(const struct report_case *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->measured_count; i++)
		json_push(&list, measurement_to_json(&result->measured[i]));
	return list;
}

static int on_case(void *context, const struct report_case *result, struct err *err)
{
	json_t *entry = json_object();

	json_put(&entry, "group", json_string(result->group));
	json_put(&entry, "name", json_string(result->name));
	json_put(&entry, "verdict", json_string(case_verdict_name(result->verdict)));
	json_put(&entry, "standing", json_string(case_standing_name(result->standing)));
	if (result->waiver)
		json_put(&entry, "waiver", json_integer(result->waiver));
	json_put(&entry, "category", json_string(case_category_name(result->category)));
	json_put(&entry, "message", json_string(result->message));
	json_put(&entry, "required", json_boolean(result->required));
	json_put(&entry, "waived_ignore", json_boolean(result->waived_ignore));
	json_put(&entry, "console", json_pack("[I, I]", (json_int_t)result->offset, (json_int_t)result->end));
	if (result->begun_at_us && result->ended_at_us >= result->begun_at_us)
		json_put(&entry, "took_us", json_integer(result->ended_at_us - result->begun_at_us));
	if (result->measured_count)
		json_put(&entry, "measurements", measured_to_json(result));
	return put_element(context, entry, err);
}

static json_t *counts_to_json(const struct report_counts *counts)
{
	json_t *object = json_object();

	json_put(&object, "passed", json_integer(counts->passed));
	json_put(&object, "failed", json_integer(counts->failed));
	json_put(&object, "ignored", json_integer(counts->ignored));
	json_put(&object, "missing", json_integer(counts->missing));
	json_put(&object, "crashed", json_integer(counts->crashed));
	json_put(&object, "error", json_integer(counts->error));
	json_put(&object, "waived", json_integer(counts->waived));
	json_put(&object, "expected", json_integer(counts->expected));
	return object;
}

/* What is read for the head of a run, beside the model. */
struct beside {
	json_t *parameters;
	char *post_mortem, *not_run; /* NULL: none */
};

static int read_beside(const struct report *report, const struct report_run *run, struct beside *beside,
		       struct err *err)
{
	int rc = report_parameters(report, run, &beside->parameters, err);

	if (!rc)
		rc = report_post_mortem(report, run, &beside->post_mortem, err);
	if (!rc)
		rc = report_not_run(report, run, &beside->not_run, err);
	return rc;
}

static void beside_finish(struct beside *beside)
{
	json_decref(beside->parameters);
	free(beside->post_mortem);
	free(beside->not_run);
}

static json_t *run_to_json(const struct report_run *run, const struct beside *beside)
{
	json_t *object = json_object();

	json_put(&object, "id", json_integer(run->id));
	json_put(&object, "index", json_integer(run->index));
	json_put(&object, "attempt", json_integer(run->attempt));
	json_put(&object, "superseded", json_boolean(run->superseded));
	json_put(&object, "passed_on_retry", json_boolean(run->passed_on_retry));
	json_put(&object, "board", json_string(run->board));
	json_put(&object, "board_type", json_string(run->board_type));
	json_put(&object, "agent", json_string(run->agent));
	put_outcome(&object, run->state, run->verdict, run->cause, run->text);
	json_put(&object, "image",
		 json_pack("{s:s, s:s, s:s}", "name", run->image_name, "sha256", run->image_sha256, "build_id",
			   run->image_build_id));
	put_time(&object, "queued_at", run->queued_at_us);
	put_time(&object, "started_at", run->started_at_us);
	put_time(&object, "finished_at", run->finished_at_us);
	json_put(&object, "counts", counts_to_json(&run->counts));
	json_put(&object, "console",
		 json_pack("{s:I, s:I, s:s}", "bytes", (json_int_t)run->console_bytes, "dropped",
			   (json_int_t)run->console_dropped, "sha256", run->console_sha256));
	if (run->core[0])
		json_put(&object, "core", json_string(run->core));
	if (json_object_size(beside->parameters))
		json_put(&object, "parameters", json_incref(beside->parameters));
	if (beside->post_mortem)
		json_put(&object, "post_mortem", json_text(beside->post_mortem, strlen(beside->post_mortem)));
	if (beside->not_run)
		json_put(&object, "not_run", json_text(beside->not_run, strlen(beside->not_run)));
	return object;
}

static int write_run(struct writing *writing, const struct report_run *run, struct err *err)
{
	FILE *out = writing->out;
	struct beside beside = {0};
	int rc = read_beside(writing->report, run, &beside, err);

	(void)fputs("\n  {", out);
	if (!rc)
		rc = put_out(out, run_to_json(run, &beside), JSON_EMBED, err);
	beside_finish(&beside);
	(void)fputs(",\n  \"steps\": [", out);
	writing->more = false;
	if (!rc)
		rc = report_each_step(writing->report, run, on_step, writing, err);
	(void)fputs("],\n  \"cases\": [", out);
	writing->more = false;
	if (!rc)
		rc = report_each_case(writing->report, run, on_case, writing, err);
	(void)fputs("]}", out);
	return rc;
}

static json_t *head_to_json(const struct report *report)
{
	json_t *object = json_object();

	json_put(&object, "report", json_integer(1));
	json_put(&object, "job", json_integer(report->id));
	if (report->only_run)
		json_put(&object, "only_run", json_integer(report->only_run));
	json_put(&object, "name", json_string(report->name));
	json_put(&object, "org", json_string(report->org));
	json_put(&object, "suite", json_string(report->suite));
	json_put(&object, "priority", json_integer(report->priority));
	put_outcome(&object, report->state, report->verdict, report->cause, report->text);
	put_time(&object, "submitted_at", report->submitted_at_us);
	put_time(&object, "finished_at", report->finished_at_us);
	return object;
}

int report_write_json(const struct report *report, FILE *out, struct err *err)
{
	struct writing writing = {.report = report, .out = out};
	int rc;

	(void)fputs("{", out);
	rc = put_out(out, head_to_json(report), JSON_EMBED, err);
	(void)fputs(",\n \"runs\": [", out);
	for (size_t i = 0; i < report->run_count && !rc; i++) {
		if (i)
			(void)fputs(",", out);
		rc = write_run(&writing, &report->runs[i], err);
	}
	(void)fputs("]}\n", out);
	return rc;
}
