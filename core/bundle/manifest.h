/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of a job's evidence: which files there are, with sizes and hashes, and the head of each run's console
 * chain. It is the one file that is signed; schema/json/manifest.schema.json and docs/evidence.md describe it. */
#ifndef ASSAY_BUNDLE_MANIFEST_H
#define ASSAY_BUNDLE_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/bundle/chain.h"
#include "core/bundle/minisig.h"
#include "core/bundle/ustar.h"
#include "core/farm/principal.h"
#include "core/farm/record_sizes.h"
#include "core/verdict/verdict.h"

#define MANIFEST_FORMAT    "assay-evidence"
#define MANIFEST_VERSION   1
#define MANIFEST_MAX_BYTES (64u << 20)
#define MANIFEST_MAX_FILES 200000

/* Names in a bundle. The first two are not listed in the manifest; SHA256SUMS is, and lists all the others. */
#define MANIFEST_PATH      "manifest.json"
#define MANIFEST_SIGNATURE "manifest.json.minisig"
#define MANIFEST_SUMS      "SHA256SUMS"

struct manifest_file {
	char path[USTAR_PATH_MAX];
	uint64_t size_bytes;
	char sha256[SHA256_HEX];
};

struct manifest_run {
	int64_t run;
	int64_t index, attempt;
	enum run_verdict verdict;
	enum cause cause;
	uint64_t console_bytes;
	char console_sha256[SHA256_HEX];
	char chain[CHAIN_HEX]; /* the head */
};

struct manifest {
	char farm[40];
	char key[MINISIG_ID_TEXT];
	char assay[32]; /* version of the program that sealed it */
	int64_t created_at_us;
	int64_t job;
	char name[128]; /* of the job */
	char org[ORG_MAX];
	enum run_verdict verdict;
	enum cause cause;
	struct manifest_run *runs; /* in the order of the bundle; owned */
	size_t run_count;
	struct manifest_file *files; /* in the order of the bundle; owned */
	size_t file_count;
};

void manifest_init(struct manifest *manifest);
void manifest_finish(struct manifest *manifest);
/* The new row, zeroed. NULL when memory runs out, or there are too many. */
struct manifest_run *manifest_add_run(struct manifest *manifest);
struct manifest_file *manifest_add_file(struct manifest *manifest);
const struct manifest_file *manifest_find(const struct manifest *manifest, const char *path);

/* JSON, a line for each run and file. ERR_TOO_BIG or ERR_NOMEM. */
int manifest_write(const struct manifest *manifest, struct buf *out);
/* Strict: unknown and missing fields are refused. ERR_INVALID with the field, ERR_UNSUPPORTED for another version. */
int manifest_read(const char *text, size_t len, struct manifest *ret_manifest, struct err *err);

/* What stands in SHA256SUMS, for `sha256sum -c`: every file of the manifest but that one. */
int manifest_sums(const struct manifest *manifest, struct buf *out);

#endif
