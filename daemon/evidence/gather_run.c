/* SPDX-License-Identifier: Apache-2.0 */
/* A run's files: run.json, asked.json, facts.json, identity.json, steps.json, cases.ndjson, measurements.ndjson,
 * console.bin, console.chain.json, artefacts.json and artefacts/. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/evidence/gather.h"

/* A list of rows, one a line. */
struct rows {
	struct bundle *bundle;
	bool list; /* as one JSON array */
	bool any;
	bool measured; /* one of them has measurements */
};

static int on_row(void *context, const json_t *row, struct err *err)
{
	struct rows *rows = context;

	(void)err;
	if (rows->list)
		bundle_add(rows->bundle, rows->any ? "," : "[\n", rows->any ? 1 : 2);
	rows->any = true;
	rows->measured |= json_array_size(json_object_get(row, "measurements")) > 0;
	bundle_add_json(rows->bundle, json_incref((json_t *)(uintptr_t)row)); /* it is only written */
	return (int)rows->bundle->err.code;
}

static int measured_line(struct rows *rows, const json_t *measured, const json_t *group, const json_t *name,
			 struct err *err)
{
	json_t *line = json_copy((json_t *)(uintptr_t)measured);
	int rc;

	json_put(&line, "group", json_incref((json_t *)(uintptr_t)group));
	json_put(&line, "case", json_incref((json_t *)(uintptr_t)name));
	rc = line ? on_row(rows, line, err) : err_set(err, ERR_NOMEM, "out of memory");
	json_decref(line);
	return rc;
}

/* The measurements of a case, each with the case's name. */
static int on_measured(void *context, const json_t *row, struct err *err)
{
	const json_t *measured;
	size_t i;
	int rc = 0;

	json_array_foreach(json_object_get(row, "measurements"), i, measured)
	{
		if (!rc)
			rc = measured_line(context, measured, json_object_get(row, "group"),
					   json_object_get(row, "name"), err);
	}
	return rc;
}

static int on_loose(void *context, const json_t *row, struct err *err)
{
	json_t *none = json_string("");
	int rc = measured_line(context, row, none, none, err);

	json_decref(none);
	return rc;
}

static void gather_steps(struct bundle *bundle, const struct job_reader *reader, int64_t run)
{
	struct rows rows = {.bundle = bundle, .list = true};
	struct err err = {0};

	bundle_begin(bundle, "runs/%" PRId64 "/steps.json", run);
	if (reader->steps(reader->context, run, on_row, &rows, &err))
		bundle_fail(bundle, &err);
	bundle_add(bundle, rows.any ? "]\n" : "[]\n", rows.any ? 2 : 3);
	bundle_end(bundle);
}

static void gather_cases(struct bundle *bundle, const struct job_reader *reader, int64_t run)
{
	struct rows rows = {.bundle = bundle};
	struct err err = {0};

	bundle_begin(bundle, "runs/%" PRId64 "/cases.ndjson", run);
	if (reader->cases(reader->context, run, on_row, &rows, &err))
		bundle_fail(bundle, &err);
	bundle_end(bundle);
	bundle_begin(bundle, "runs/%" PRId64 "/measurements.ndjson", run);
	if (!bundle->err.code && rows.measured && reader->cases(reader->context, run, on_measured, &rows, &err))
		bundle_fail(bundle, &err);
	if (!bundle->err.code && reader->loose(reader->context, run, on_loose, &rows, &err))
		bundle_fail(bundle, &err);
	bundle_end(bundle);
}

static void gather_records(struct bundle *bundle, const struct job_reader *reader, int64_t run)
{
	static const char *const names[] = {"asked", "facts", "identity"};
	struct err err = {0};
	json_t *records = NULL;

	if (reader->run_records(reader->context, run, &records, &err)) {
		bundle_fail(bundle, &err);
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		bundle_add_json_file(bundle, json_incref(json_object_get(records, names[i])),
				     "runs/%" PRId64 "/%s.json", run, names[i]);
	json_decref(records);
}

static void gather_artefact(struct bundle *bundle, const struct job_reader *reader, int64_t run, const char *name)
{
	struct err err = {0};
	int fd = -1;

	if (reader->artefact(reader->context, run, name, &fd, &err))
		bundle_fail(bundle, &err);
	else
		bundle_add_fd_file(bundle, fd, "runs/%" PRId64 "/artefacts/%s", run, name);
}

/* One that its agent has told of and not brought yet stands in the list only. */
static void gather_artefacts(struct bundle *bundle, const struct job_reader *reader, int64_t run)
{
	struct err err = {0};
	json_t *list = NULL, *artefact;
	size_t i;

	if (reader->artefacts(reader->context, run, &list, &err)) {
		bundle_fail(bundle, &err);
		return;
	}
	bundle_add_json_file(bundle, json_incref(list), "runs/%" PRId64 "/artefacts.json", run);
	json_array_foreach(list, i, artefact)
	{
		const char *name = json_string_value(json_object_get(artefact, "name"));

		if (name && json_is_true(json_object_get(artefact, "present")) && !bundle->err.code)
			gather_artefact(bundle, reader, run, name);
	}
	json_decref(list);
}

/* Called for each segment of the console, with the chain so far. */
typedef void (*segment_fn)(struct bundle *bundle, const uint8_t *data, const struct chain_segment *segment);

static void keep_bytes(struct bundle *bundle, const uint8_t *data, const struct chain_segment *segment)
{
	bundle_add(bundle, data, segment->size_bytes);
}

static void keep_segment(struct bundle *bundle, const uint8_t *data, const struct chain_segment *segment)
{
	(void)data;
	if (segment->offset)
		bundle_add(bundle, ",", 1);
	bundle_add_json(bundle, chain_segment_to_json(segment));
}

/* The store gives at most what it has; a short piece is the last one. */
static void walk_console(struct bundle *bundle, const struct job_reader *reader, int64_t run, struct chain *chain,
			 segment_fn on_segment)
{
	uint8_t *piece = malloc(CHAIN_SEGMENT_BYTES);
	struct chain_segment segment;
	struct err err = {0};
	size_t len = CHAIN_SEGMENT_BYTES;
	int64_t at_us = 0;
	int rc = piece ? 0 : err_set(&err, ERR_NOMEM, "out of memory");

	chain_init(chain, run);
	while (!rc && len == CHAIN_SEGMENT_BYTES && !bundle->err.code) {
		rc = reader->console(reader->context, run, chain->offset, piece, CHAIN_SEGMENT_BYTES, &len, &err);
		if (rc || len == 0)
			break;
		rc = reader->console_time(reader->context, run, chain->offset, &at_us, &err);
		if (rc)
			break;
		chain_add(chain, piece, len, at_us, &segment);
		on_segment(bundle, piece, &segment);
	}
	if (rc)
		bundle_fail(bundle, &err);
	free(piece);
}

static void gather_console(struct bundle *bundle, const struct job_reader *reader, struct manifest_run *run)
{
	struct chain chain;
	size_t file;

	bundle_begin(bundle, "runs/%" PRId64 "/console.bin", run->run);
	walk_console(bundle, reader, run->run, &chain, keep_bytes);
	bundle_end(bundle);
	if (bundle->err.code)
		return;
	file = bundle->manifest.file_count - 1;
	run->console_bytes = bundle->manifest.files[file].size_bytes;
	memcpy(run->console_sha256, bundle->manifest.files[file].sha256, SHA256_HEX);

	bundle_begin(bundle, "runs/%" PRId64 "/console.chain.json", run->run);
	bundle_add(bundle, "[", 1);
	walk_console(bundle, reader, run->run, &chain, keep_segment);
	bundle_add(bundle, "]\n", 2);
	bundle_end(bundle);
	chain_head(&chain, run->chain);
}

static struct manifest_run *add_run(struct bundle *bundle, const json_t *run)
{
	struct manifest_run *row = manifest_add_run(&bundle->manifest);
	const char *verdict = "", *cause = "";
	struct err err = {0};
	int rc = row ? json_read_int(run, "id", true, 1, INT64_MAX, &row->run, &err)
		     : err_set(&err, ERR_TOO_BIG, "the job has too many runs for a bundle");

	if (!rc)
		rc = json_read_int(run, "index", true, 0, UINT32_MAX, &row->index, &err);
	if (!rc)
		rc = json_read_int(run, "attempt", true, 1, UINT32_MAX, &row->attempt, &err);
	if (!rc)
		rc = json_read_text(run, "verdict", true, &verdict, &err);
	if (!rc)
		rc = json_read_text(run, "cause", true, &cause, &err);
	if (!rc && (!run_verdict_parse(verdict, &row->verdict) || !cause_parse(cause, &row->cause)))
		rc = err_set(&err, ERR_CORRUPT, "run %lld has a verdict that nobody knows", (long long)row->run);
	if (rc)
		bundle_fail(bundle, &err);
	return rc ? NULL : row;
}

void gather_run(struct bundle *bundle, const struct job_reader *reader, const json_t *run)
{
	struct manifest_run *row = add_run(bundle, run); /* stays where it is until the next is added */

	if (!row)
		return;
	bundle_add_json_file(bundle, json_incref((json_t *)(uintptr_t)run), "runs/%" PRId64 "/run.json", row->run);
	gather_records(bundle, reader, row->run);
	gather_steps(bundle, reader, row->run);
	gather_cases(bundle, reader, row->run);
	gather_console(bundle, reader, row);
	gather_artefacts(bundle, reader, row->run);
}
