/* SPDX-License-Identifier: Apache-2.0 */
/* A report as JSON: the model with its own words, times as RFC 3339. */
#include <stdlib.h>

#include "daemon/report/report.h"
#include "daemon/report/when.h"

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

static json_t *counts_to_json(const struct report_counts *counts)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "passed", (json_int_t)counts->passed, "failed",
			 (json_int_t)counts->failed, "ignored", (json_int_t)counts->ignored, "missing",
			 (json_int_t)counts->missing, "crashed", (json_int_t)counts->crashed, "error",
			 (json_int_t)counts->error);
}

static json_t *steps_to_json(const struct report_run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->step_count; i++) {
		const struct report_step *step = &run->steps[i];
		json_t *entry = json_object();

		json_put(&entry, "step", json_string(step->step));
		json_put(&entry, "phase", json_string(step->back ? "back" : "forward"));
		if (step->ended) {
			json_put(&entry, "cause", json_string(cause_name(step->cause)));
			json_put(&entry, "text", json_string(step->text));
			json_put(&entry, "took_us", json_integer(step->took_us));
		}
		json_push(&list, entry);
	}
	return list;
}

static json_t *cases_to_json(const struct report_run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->case_count; i++) {
		const struct report_case *result = &run->cases[i];
		json_t *entry = json_object();

		json_put(&entry, "group", json_string(result->group));
		json_put(&entry, "name", json_string(result->name));
		json_put(&entry, "verdict", json_string(case_verdict_name(result->verdict)));
		json_put(&entry, "message", json_string(result->message));
		json_put(&entry, "required", json_boolean(result->required));
		json_put(&entry, "waived_ignore", json_boolean(result->waived_ignore));
		json_put(&entry, "console", json_pack("[I, I]", (json_int_t)result->offset, (json_int_t)result->end));
		if (result->begun_at_us && result->ended_at_us >= result->begun_at_us)
			json_put(&entry, "took_us", json_integer(result->ended_at_us - result->begun_at_us));
		json_push(&list, entry);
	}
	return list;
}

static json_t *run_to_json(const struct report_run *run)
{
	json_t *object = json_object();

	json_put(&object, "id", json_integer(run->id));
	json_put(&object, "index", json_integer(run->index));
	json_put(&object, "attempt", json_integer(run->attempt));
	json_put(&object, "superseded", json_boolean(run->superseded));
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
	json_put(&object, "cases", cases_to_json(run));
	json_put(&object, "steps", steps_to_json(run));
	return object;
}

static json_t *report_to_json(const struct report *report)
{
	json_t *object = json_object(), *runs = json_array();

	for (size_t i = 0; i < report->run_count; i++)
		json_push(&runs, run_to_json(&report->runs[i]));
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
	json_put(&object, "runs", runs);
	return object;
}

static int append(const char *data, size_t len, void *context)
{
	return buf_append(context, data, len) ? -1 : 0;
}

int report_write_json(const struct report *report, struct buf *out)
{
	json_t *object = report_to_json(report);
	int rc;

	if (!object)
		return ERR_NOMEM;
	rc = json_dump_callback(object, append, out, JSON_INDENT(2)) ? ERR_TOO_BIG : 0;
	json_decref(object);
	return rc ? rc : buf_append_text(out, "\n");
}
