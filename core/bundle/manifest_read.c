/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a manifest, which may come from anybody. */
#include <stdio.h>
#include <string.h>

#include "core/bundle/manifest.h"

/* Hex digits, or "" where empty is allowed. */
static int read_sha256(const json_t *object, const char *key, bool may_be_empty, char out[SHA256_HEX], struct err *err)
{
	int rc = json_read_text_into(object, key, 0, out, SHA256_HEX, err);
	size_t len = rc ? 0 : strspn(out, "0123456789abcdef");

	if (!rc && out[0] == '\0' && may_be_empty)
		return 0;
	if (!rc && (len != SHA256_HEX - 1 || out[len]))
		rc = err_set(err, ERR_INVALID, "%s: expected 64 hex digits", key);
	return rc;
}

static int read_size(const json_t *object, const char *key, uint64_t *ret_size, struct err *err)
{
	int64_t size = 0;
	int rc = json_read_int(object, key, true, 0, (int64_t)USTAR_SIZE_MAX, &size, err);

	if (!rc)
		*ret_size = (uint64_t)size;
	return rc;
}

static int read_verdict(const json_t *object, enum run_verdict *ret_verdict, enum cause *ret_cause, struct err *err)
{
	const char *verdict = "", *cause = "";
	int rc = json_read_text(object, "verdict", true, &verdict, err);

	if (!rc)
		rc = json_read_text(object, "cause", true, &cause, err);
	if (!rc && (!run_verdict_parse(verdict, ret_verdict) || !cause_parse(cause, ret_cause)))
		rc = err_set(err, ERR_INVALID, "found verdict %.40s, cause %.40s, expected known words", verdict,
			     cause);
	return rc;
}

static int expect_fields(const json_t *object, size_t count, const char *what, struct err *err)
{
	if (!json_is_object(object) || json_object_size(object) != count)
		return err_set(err, ERR_INVALID, "%s: expected an object of %zu fields", what, count);
	return 0;
}

static int read_job(const json_t *object, struct manifest *manifest, struct err *err)
{
	json_t *job = NULL;
	int rc = json_read_object(object, "job", true, &job, err);

	if (!rc)
		rc = expect_fields(job, 5, "job", err);
	if (!rc)
		rc = json_read_int(job, "id", true, 1, INT64_MAX, &manifest->job, err);
	if (!rc)
		rc = json_read_text_into(job, "name", 0, manifest->name, sizeof(manifest->name), err);
	if (!rc)
		rc = json_read_text_into(job, "org", 0, manifest->org, sizeof(manifest->org), err);
	if (!rc)
		rc = read_verdict(job, &manifest->verdict, &manifest->cause, err);
	return rc;
}

static int read_run(const json_t *object, struct manifest *manifest, struct err *err)
{
	struct manifest_run *run = NULL;
	int rc = expect_fields(object, 8, "runs", err);

	if (!rc && !(run = manifest_add_run(manifest)))
		rc = err_set(err, ERR_NOMEM, "runs: too many");
	if (!rc)
		rc = json_read_int(object, "run", true, 1, INT64_MAX, &run->run, err);
	if (!rc)
		rc = json_read_int(object, "index", true, 0, UINT32_MAX, &run->index, err);
	if (!rc)
		rc = json_read_int(object, "attempt", true, 1, UINT32_MAX, &run->attempt, err);
	if (!rc)
		rc = read_verdict(object, &run->verdict, &run->cause, err);
	if (!rc)
		rc = read_size(object, "console_bytes", &run->console_bytes, err);
	if (!rc)
		rc = read_sha256(object, "console_sha256", false, run->console_sha256, err);
	return rc ? rc : read_sha256(object, "chain", false, run->chain, err);
}

static int read_file(const json_t *object, struct manifest *manifest, struct err *err)
{
	struct manifest_file *file = NULL;
	int rc = expect_fields(object, 3, "files", err);

	if (!rc && !(file = manifest_add_file(manifest)))
		rc = err_set(err, ERR_NOMEM, "files: too many");
	if (!rc)
		rc = json_read_text_into(object, "path", 0, file->path, sizeof(file->path), err);
	if (!rc)
		rc = read_size(object, "size", &file->size_bytes, err);
	return rc ? rc : read_sha256(object, "sha256", false, file->sha256, err);
}

static int read_rows(const json_t *object, const char *key,
		     int (*read_row)(const json_t *, struct manifest *, struct err *), struct manifest *manifest,
		     struct err *err)
{
	json_t *rows = NULL, *row;
	size_t i;
	int rc = json_read_array(object, key, true, &rows, err);

	json_array_foreach(rows, i, row)
	{
		if (!rc)
			rc = read_row(row, manifest, err);
	}
	return rc;
}

static int read_head(const json_t *object, struct manifest *manifest, struct err *err)
{
	const char *format = "";
	int64_t version = 0;
	int rc = json_read_text(object, "format", true, &format, err);

	if (!rc && strcmp(format, MANIFEST_FORMAT) != 0)
		rc = err_set(err, ERR_INVALID, "format: found %.40s, expected %s", format, MANIFEST_FORMAT);
	if (!rc)
		rc = json_read_int(object, "version", true, 1, INT32_MAX, &version, err);
	if (!rc && version != MANIFEST_VERSION)
		rc = err_set(err, ERR_UNSUPPORTED, "version: found %lld, this program reads %d", (long long)version,
			     MANIFEST_VERSION);
	if (!rc)
		rc = expect_fields(object, 9, "manifest", err);
	if (!rc)
		rc = json_read_text_into(object, "farm", 0, manifest->farm, sizeof(manifest->farm), err);
	if (!rc)
		rc = json_read_text_into(object, "key", 0, manifest->key, sizeof(manifest->key), err);
	if (!rc)
		rc = json_read_text_into(object, "assay", 0, manifest->assay, sizeof(manifest->assay), err);
	if (!rc)
		rc = json_read_int(object, "created_at_us", true, 0, INT64_MAX, &manifest->created_at_us, err);
	return rc;
}

int manifest_read(const char *text, size_t len, struct manifest *ret_manifest, struct err *err)
{
	struct manifest manifest;
	json_t *root = NULL;
	int rc = json_parse(text, len, MANIFEST_MAX_BYTES, &root, err);

	manifest_init(&manifest);
	if (!rc)
		rc = read_head(root, &manifest, err);
	if (!rc)
		rc = read_job(root, &manifest, err);
	if (!rc)
		rc = read_rows(root, "runs", read_run, &manifest, err);
	if (!rc)
		rc = read_rows(root, "files", read_file, &manifest, err);
	json_decref(root);
	if (rc) {
		manifest_finish(&manifest);
		return rc;
	}
	*ret_manifest = manifest;
	return 0;
}
