/* SPDX-License-Identifier: Apache-2.0 */
/* A job's files: job.json, suite.json, board-types/, waivers.json, runs/, images/, reports/. */
#include "daemon/evidence/gather.h"

#include <stdlib.h>
#include <string.h>

#include "core/farm/record_job.h"

static int read_job(struct bundle *bundle, const json_t *job, struct err *err)
{
	struct manifest *manifest = &bundle->manifest;
	const char *name = "", *org = "", *verdict = "", *cause = "", *state = "";
	int rc = json_read_int(job, "id", true, 1, INT64_MAX, &manifest->job, err);

	if (!rc)
		rc = json_read_text(job, "name", true, &name, err);
	if (!rc)
		rc = json_read_text(job, "org", true, &org, err);
	if (!rc)
		rc = json_read_text(job, "state", true, &state, err);
	if (!rc)
		rc = json_read_text(job, "verdict", true, &verdict, err);
	if (!rc)
		rc = json_read_text(job, "cause", true, &cause, err);
	if (rc)
		return rc;
	if (strcmp(state, job_state_name(JOB_FINISHED)) != 0)
		return err_set(err, ERR_STALE, "job %lld is %s: only a finished job can be sealed",
			       (long long)manifest->job, state);
	snprintf(manifest->name, sizeof(manifest->name), "%s", name);
	snprintf(manifest->org, sizeof(manifest->org), "%s", org);
	if (!run_verdict_parse(verdict, &manifest->verdict) || !cause_parse(cause, &manifest->cause))
		return err_set(err, ERR_CORRUPT, "job %lld has a verdict that nobody knows", (long long)manifest->job);
	return 0;
}

static void gather_types(struct bundle *bundle, const json_t *types)
{
	const json_t *type;
	size_t i;

	json_array_foreach(types, i, type)
	{
		const char *name = json_string_value(json_object_get(type, "name"));

		if (name)
			bundle_add_json_file(bundle, json_incref((json_t *)(uintptr_t)type), "board-types/%s.json",
					     name);
	}
}

static void gather_records(struct bundle *bundle, const struct job_reader *reader, json_t *job)
{
	json_t *records = NULL, *own;
	struct err err = {0};

	if (reader->records(reader->context, &records, &err)) {
		bundle_fail(bundle, &err);
		return;
	}
	own = json_copy(job);
	json_object_del(own, "runs");
	if (json_object_set(own, "spec", json_object_get(records, "spec"))) {
		json_decref(own);
		own = NULL;
	}
	bundle_add_json_file(bundle, own, "job.json");
	bundle_add_json_file(bundle, json_incref(json_object_get(records, "suite")), "suite.json");
	gather_types(bundle, json_object_get(records, "board_types"));
	bundle_add_json_file(bundle, json_incref(json_object_get(records, "waivers")), "waivers.json");
	json_decref(records);
}

static void gather_runs(struct bundle *bundle, const struct job_reader *reader, const json_t *runs)
{
	const json_t *run;
	size_t i;

	json_array_foreach(runs, i, run)
	{
		if (!bundle->err.code)
			gather_run(bundle, reader, run);
	}
}

static void gather_image(struct bundle *bundle, const struct job_reader *reader, const char *sha256)
{
	char path[USTAR_PATH_MAX];
	struct err err = {0};
	int fd = -1;

	snprintf(path, sizeof(path), "images/%.64s", sha256);
	if (bundle->err.code || manifest_find(&bundle->manifest, path))
		return;
	if (reader->image(reader->context, sha256, &fd, &err)) {
		bundle_fail(bundle, &err);
		return;
	}
	bundle_add_fd_file(bundle, fd, "%s", path);
}

/* Attempts and runs share images: each is there once. */
static void gather_images(struct bundle *bundle, const struct job_reader *reader, const json_t *runs)
{
	const char *last = "";
	const json_t *run;
	size_t i;

	json_array_foreach(runs, i, run)
	{
		const char *sha256 = json_string_value(json_object_get(json_object_get(run, "image"), "sha256"));

		if (sha256 && sha256[0] && strcmp(sha256, last) != 0)
			gather_image(bundle, reader, sha256);
		last = sha256 ? sha256 : "";
	}
}

static void gather_report(struct bundle *bundle, const struct job_reader *reader, const struct evidence_report *report)
{
	struct err err = {0};
	FILE *stream;
	int rc;

	bundle_begin(bundle, "reports/%s", report->name);
	stream = bundle_stream(bundle);
	if (!stream)
		return;
	rc = report->writer->write(report->writer->context, reader, 0, stream, &err);
	(void)fclose(stream); /* what could not be written is the bundle's error */
	if (rc)
		bundle_fail(bundle, &err);
	bundle_end(bundle);
}

int gather_job(struct bundle *bundle, const struct job_reader *reader, const struct evidence_report *reports,
	       size_t report_count, struct err *err)
{
	json_t *job = NULL, *runs = NULL;
	int rc = reader->job(reader->context, &job, err);

	if (!rc)
		rc = read_job(bundle, job, err);
	if (!rc)
		rc = json_read_array(job, "runs", true, &runs, err);
	if (!rc) {
		gather_records(bundle, reader, job);
		gather_runs(bundle, reader, runs);
		gather_images(bundle, reader, runs);
		for (size_t i = 0; i < report_count; i++)
			gather_report(bundle, reader, &reports[i]);
		if (bundle->err.code)
			*err = bundle->err;
		rc = (int)bundle->err.code;
	}
	json_decref(job);
	return rc;
}
