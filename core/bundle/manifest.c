/* SPDX-License-Identifier: Apache-2.0 */
/* Building and writing a manifest. */
#include "core/bundle/manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void manifest_init(struct manifest *manifest)
{
	*manifest = (struct manifest){0};
}

void manifest_finish(struct manifest *manifest)
{
	free(manifest->runs);
	free(manifest->files);
	manifest_init(manifest);
}

/* Grows by doubling. NULL leaves the rows as they are. */
static void *add_row(void **rows, size_t *count, size_t row_size)
{
	void *grown = *rows;

	if (*count >= MANIFEST_MAX_FILES)
		return NULL;
	if ((*count & (*count - 1)) == 0)
		grown = realloc(*rows, (*count ? *count * 2 : 1) * row_size);
	if (!grown)
		return NULL;
	*rows = grown;
	return memset((char *)grown + (*count)++ * row_size, 0, row_size);
}

struct manifest_run *manifest_add_run(struct manifest *manifest)
{
	void *rows = manifest->runs;
	struct manifest_run *run = add_row(&rows, &manifest->run_count, sizeof(*run));

	manifest->runs = rows;
	return run;
}

struct manifest_file *manifest_add_file(struct manifest *manifest)
{
	void *rows = manifest->files;
	struct manifest_file *file = add_row(&rows, &manifest->file_count, sizeof(*file));

	manifest->files = rows;
	return file;
}

const struct manifest_file *manifest_find(const struct manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->file_count; i++) {
		if (strcmp(manifest->files[i].path, path) == 0)
			return &manifest->files[i];
	}
	return NULL;
}

/* One object on one line; object may be NULL: memory ran out. */
static int write_line(json_t *object, const char *before, const char *after, struct buf *out)
{
	int rc = object ? buf_append_text(out, before) : ERR_NOMEM;

	if (!rc)
		rc = json_write(object, out);
	if (!rc)
		rc = buf_append_text(out, after);
	json_decref(object);
	return rc;
}

static json_t *job_json(const struct manifest *manifest)
{
	json_t *job = json_object();

	json_put(&job, "id", json_integer(manifest->job));
	json_put(&job, "name", json_text(manifest->name, sizeof(manifest->name)));
	json_put(&job, "org", json_string(manifest->org));
	json_put(&job, "verdict", json_string(run_verdict_name(manifest->verdict)));
	json_put(&job, "cause", json_string(cause_name(manifest->cause)));
	return job;
}

static json_t *run_json(const struct manifest_run *run)
{
	json_t *object = json_object();

	json_put(&object, "run", json_integer(run->run));
	json_put(&object, "index", json_integer(run->index));
	json_put(&object, "attempt", json_integer(run->attempt));
	json_put(&object, "verdict", json_string(run_verdict_name(run->verdict)));
	json_put(&object, "cause", json_string(cause_name(run->cause)));
	json_put(&object, "console_bytes", json_integer((json_int_t)run->console_bytes));
	json_put(&object, "console_sha256", json_string(run->console_sha256));
	json_put(&object, "chain", json_string(run->chain));
	return object;
}

static json_t *file_json(const struct manifest_file *file)
{
	json_t *object = json_object();

	json_put(&object, "path", json_string(file->path));
	json_put(&object, "size", json_integer((json_int_t)file->size_bytes));
	json_put(&object, "sha256", json_string(file->sha256));
	return object;
}

static int write_rows(const struct manifest *manifest, struct buf *out)
{
	int rc = buf_append_text(out, "\"runs\":[\n");

	for (size_t i = 0; i < manifest->run_count && !rc; i++)
		rc = write_line(run_json(&manifest->runs[i]), "", i + 1 < manifest->run_count ? ",\n" : "\n", out);
	if (!rc)
		rc = buf_append_text(out, "],\n\"files\":[\n");
	for (size_t i = 0; i < manifest->file_count && !rc; i++)
		rc = write_line(file_json(&manifest->files[i]), "", i + 1 < manifest->file_count ? ",\n" : "\n", out);
	return rc ? rc : buf_append_text(out, "]}\n");
}

int manifest_write(const struct manifest *manifest, struct buf *out)
{
	int rc = buf_appendf(out,
			     "{\"format\":\"%s\",\"version\":%d,\n\"farm\":\"%s\",\"key\":\"%s\",\"assay\":\"%s\","
			     "\"created_at_us\":%" PRId64 ",\n",
			     MANIFEST_FORMAT, MANIFEST_VERSION, manifest->farm, manifest->key, manifest->assay,
			     manifest->created_at_us);

	if (!rc)
		rc = write_line(job_json(manifest), "\"job\":", ",\n", out);
	return rc ? rc : write_rows(manifest, out);
}

int manifest_sums(const struct manifest *manifest, struct buf *out)
{
	int rc = 0;

	for (size_t i = 0; i < manifest->file_count && !rc; i++) {
		const struct manifest_file *file = &manifest->files[i];

		if (strcmp(file->path, MANIFEST_SUMS) != 0)
			rc = buf_appendf(out, "%s  %s\n", file->sha256, file->path);
	}
	return rc;
}
