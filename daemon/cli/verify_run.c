/* SPDX-License-Identifier: Apache-2.0 */
/* One run: its record against the manifest, and its verdict against what it rests on.
 *
 * The console, what was asked and the facts give a verdict again. Where that is not the recorded one, it must be no
 * verdict on the firmware, and a step must have ended with its cause; what only the farm can know (an agent that was
 * lost, a job that was cancelled) rests on its record alone, and that is said. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cli/verify_private.h"

/* A run's files, parsed. */
struct evidence_run {
	const struct manifest_run *row;
	char what[40];
	json_t *record, *asked_json, *facts_json, *steps;
	struct asked asked;
	struct run_facts facts;
	bool has_asked, has_facts;
};

static json_t *read_part(struct verify *verify, const struct manifest_run *row, const char *name)
{
	char path[USTAR_PATH_MAX];

	snprintf(path, sizeof(path), "runs/%" PRId64 "/%s", row->run, name);
	return verify_json(verify, path);
}

static void parse_parts(struct verify *verify, struct evidence_run *run)
{
	struct err err = {0};

	if (json_is_object(run->asked_json)) {
		run->has_asked = asked_from_json(run->asked_json, &run->asked, &err) == 0;
		if (!run->has_asked)
			verify_tell(verify, VERIFY_BROKEN, run->what, "asked.json: %s", err.text);
	}
	if (json_is_object(run->facts_json)) {
		run->has_facts = run_facts_from_json(run->facts_json, &run->facts, &err) == 0;
		if (!run->has_facts)
			verify_tell(verify, VERIFY_BROKEN, run->what, "facts.json: %s", err.text);
	}
}

static bool load(struct verify *verify, const struct manifest_run *row, struct evidence_run *run)
{
	*run = (struct evidence_run){.row = row};
	snprintf(run->what, sizeof(run->what), "run %" PRId64, row->run);
	asked_init(&run->asked);
	run_facts_init(&run->facts);
	run->record = read_part(verify, row, "run.json");
	run->asked_json = read_part(verify, row, "asked.json");
	run->facts_json = read_part(verify, row, "facts.json");
	run->steps = read_part(verify, row, "steps.json");
	parse_parts(verify, run);
	return run->record && run->asked_json && run->facts_json && run->steps;
}

static void unload(struct evidence_run *run)
{
	asked_finish(&run->asked);
	run_facts_finish(&run->facts);
	json_decref(run->record);
	json_decref(run->asked_json);
	json_decref(run->facts_json);
	json_decref(run->steps);
}

static bool text_is(const json_t *object, const char *key, const char *expected)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && strcmp(text, expected) == 0;
}

/* run.json against the manifest's row, and the image it names against the images that are there. */
static void check_record(struct verify *verify, const struct evidence_run *run)
{
	const struct manifest_run *row = run->row;
	const char *sha256 = json_string_value(json_object_get(json_object_get(run->record, "image"), "sha256"));
	char path[USTAR_PATH_MAX];

	if (json_integer_value(json_object_get(run->record, "id")) != row->run ||
	    json_integer_value(json_object_get(run->record, "job")) != verify->manifest.job ||
	    json_integer_value(json_object_get(run->record, "index")) != row->index ||
	    json_integer_value(json_object_get(run->record, "attempt")) != row->attempt ||
	    !text_is(run->record, "verdict", run_verdict_name(row->verdict)) ||
	    !text_is(run->record, "cause", cause_name(row->cause)))
		verify_tell(verify, VERIFY_BROKEN, run->what, "run.json is of another run, or of another verdict");
	if (cause_verdict(row->cause) != row->verdict)
		verify_tell(verify, VERIFY_BROKEN, run->what, "verdict %s does not go with cause %s",
			    run_verdict_name(row->verdict), cause_name(row->cause));
	snprintf(path, sizeof(path), "images/%.64s", sha256 ? sha256 : "");
	if (sha256 && sha256[0] && !verify_find(verify, path))
		verify_tell(verify, VERIFY_BROKEN, run->what, "its image %s is not in the bundle", sha256);
}

/* What the run's list of artefacts says against the files that are there. */
static void check_artefacts(struct verify *verify, const struct evidence_run *run)
{
	char path[USTAR_PATH_MAX];
	const json_t *artefact;
	json_t *list = read_part(verify, run->row, "artefacts.json");
	size_t i;

	json_array_foreach(list, i, artefact)
	{
		const char *name = json_string_value(json_object_get(artefact, "name"));
		const struct manifest_file *file;

		snprintf(path, sizeof(path), "runs/%" PRId64 "/artefacts/%.64s", run->row->run, name ? name : "");
		file = verify_find(verify, path);
		if (!json_is_true(json_object_get(artefact, "present")))
			verify_tell(verify, VERIFY_NOTE, run->what, "its artefact %s never came", name ? name : "");
		else if (!file || !text_is(artefact, "sha256", file->sha256))
			verify_tell(verify, VERIFY_BROKEN, path, "it is not the artefact that the run's agent told of");
	}
	json_decref(list);
}

/* The step that ended with the cause, or NULL. judge says it of any cause, so it does not count. */
static const json_t *step_with(const json_t *steps, enum cause cause)
{
	const json_t *step;
	size_t i;

	json_array_foreach(steps, i, step)
	{
		if (text_is(step, "cause", cause_name(cause)) && !text_is(step, "step", "judge"))
			return step;
	}
	return NULL;
}

static bool only_the_farm_knows(enum cause cause)
{
	return cause == CAUSE_AGENT_LOST || cause == CAUSE_AGENT_RESTARTED || cause == CAUSE_CANCELLED ||
	       cause == CAUSE_INTERNAL || cause == CAUSE_STEP_LIMIT || cause == CAUSE_IMAGE_UNAVAILABLE ||
	       cause == CAUSE_BOARD_LOST;
}

/* The recorded verdict is not the console's. */
static void check_other_ground(struct verify *verify, const struct evidence_run *run, const char *instead)
{
	const struct manifest_run *row = run->row;
	const json_t *step = step_with(run->steps, row->cause);
	const char *name = json_string_value(json_object_get(step, "step"));
	const char *text = json_string_value(json_object_get(step, "text"));
	bool on_firmware = row->verdict != RUN_INFRASTRUCTURE && row->verdict != RUN_CANCELLED;

	if (on_firmware)
		verify_tell(verify, VERIFY_BROKEN, run->what, "recorded as %s, %s: %s", run_verdict_name(row->verdict),
			    cause_name(row->cause), instead);
	else if (step)
		verify_tell(verify, VERIFY_NOTE, run->what,
			    "%s, %s: the verdict rests on step %s, not on the console: %s",
			    run_verdict_name(row->verdict), cause_name(row->cause), name ? name : "", text ? text : "");
	else if (only_the_farm_knows(row->cause))
		verify_tell(verify, VERIFY_NOTE, run->what,
			    "%s, %s: the verdict rests on the farm's record, not on the console",
			    run_verdict_name(row->verdict), cause_name(row->cause));
	else
		verify_tell(verify, VERIFY_BROKEN, run->what, "recorded as %s, and no step ended so; %s",
			    cause_name(row->cause), instead);
}

static void check_counts(struct verify *verify, const struct evidence_run *run, const struct run_judgement *judgement)
{
	const struct {
		const char *key;
		uint32_t count;
	} rows[] = {
		{"passed", judgement->passed},   {"failed", judgement->failed},     {"ignored", judgement->ignored},
		{"missing", judgement->missing}, {"crashed", judgement->crashed},   {"error", judgement->error},
		{"waived", judgement->waived},   {"expected", judgement->expected},
	};
	const json_t *counts = json_object_get(run->record, "counts");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t said = json_integer_value(json_object_get(counts, rows[i].key));

		if (said != rows[i].count)
			verify_tell(verify, VERIFY_BROKEN, run->what,
				    "%" PRId64 " cases are counted as %s, the console gives %" PRIu32, said,
				    rows[i].key, rows[i].count);
	}
}

static bool feed_console(struct verify *verify, const struct evidence_run *run, struct rejudge *rejudge)
{
	struct verify_file file;
	char path[USTAR_PATH_MAX];
	const char *data;
	size_t len;

	snprintf(path, sizeof(path), "runs/%" PRId64 "/console.bin", run->row->run);
	if (!verify_open(verify, path, &file))
		return false;
	while ((len = verify_next(&file, &data, VERIFY_PIECE)) > 0)
		rejudge_feed(rejudge, data, len);
	verify_close(&file);
	return true;
}

/* Compares everything that the console can say. */
static void check_judgement(struct verify *verify, const struct evidence_run *run, struct rejudge *rejudge)
{
	const struct case_result *results;
	struct run_judgement judgement;
	char instead[600];
	size_t count, differences;

	rejudge_end(rejudge, &judgement);
	results = rejudge_results(rejudge, &count);
	differences = verify_cases(verify, run->row, results, count);
	check_counts(verify, run, &judgement);
	if (judgement.cause != run->row->cause) {
		snprintf(instead, sizeof(instead), "the console gives %s, %s: %s",
			 run_verdict_name(cause_verdict(judgement.cause)), cause_name(judgement.cause), judgement.text);
		check_other_ground(verify, run, instead);
	} else if (differences == 0) {
		verify_tell(verify, VERIFY_HOLDS, run->what,
			    "%s, %s: follows from the console, %" PRIu64 " bytes, %zu cases",
			    run_verdict_name(run->row->verdict), cause_name(judgement.cause), run->row->console_bytes,
			    count);
	}
}

static void judge_again(struct verify *verify, const struct evidence_run *run)
{
	struct rejudge *rejudge = rejudge_create(&run->asked, &run->facts);

	if (!rejudge)
		err_set(&verify->err, ERR_NOMEM, "out of memory");
	else if (feed_console(verify, run, rejudge))
		check_judgement(verify, run, rejudge);
	rejudge_destroy(rejudge);
}

void verify_run(struct verify *verify, const struct manifest_run *row)
{
	struct evidence_run run;
	char instead[200];

	if (load(verify, row, &run)) {
		check_record(verify, &run);
		verify_console(verify, row, run.record);
		check_artefacts(verify, &run);
		if (json_is_null(run.asked_json)) {
			check_other_ground(verify, &run,
					   "what it was held to was not kept, so it cannot be judged again");
		} else if (!run.has_asked || !run.has_facts) {
			check_other_ground(verify, &run, "nothing was judged");
		} else if (run.facts.judge.console_bytes != row->console_bytes) {
			snprintf(instead, sizeof(instead),
				 "%" PRIu64 " bytes were judged and %" PRIu64 " are here: it cannot be judged again",
				 run.facts.judge.console_bytes, row->console_bytes);
			check_other_ground(verify, &run, instead);
		} else {
			judge_again(verify, &run);
		}
	}
	unload(&run);
}
