/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the verifier share. Only for verify*.c. */
#ifndef ASSAY_CLI_VERIFY_PRIVATE_H
#define ASSAY_CLI_VERIFY_PRIVATE_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/judge/rejudge.h"
#include "daemon/cli/verify.h"

#define VERIFY_MAX_JSON (16u << 20) /* of a file that is read whole */
#define VERIFY_PIECE    65536

struct verify {
	int fd;
	const struct minisig_public *key;
	verify_told_fn on_told;
	void *context;
	struct manifest manifest;
	uint64_t *offset; /* of each file's bytes in the archive; owned */
	size_t last_found;
	bool broken;
	struct err err; /* why it cannot be checked */
};

/* One file, read from its beginning. */
struct verify_file {
	struct verify *verify;
	uint64_t at, end;
	char *piece; /* of the archive, VERIFY_PIECE at most; owned */
	size_t piece_len, piece_at;
};

void verify_tell(struct verify *verify, enum verify_word word, const char *what, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Reads all of it; false: the file ends before, or cannot be read. */
bool verify_read(struct verify *verify, uint64_t at, void *data, size_t size);
/* The file's place in the manifest, or NULL. */
const struct manifest_file *verify_find(struct verify *verify, const char *path);

/* False: there is no such file. verify_close it. */
bool verify_open(struct verify *verify, const char *path, struct verify_file *ret_file);
void verify_close(struct verify_file *file);
/* The next bytes, at most size; 0 at the end. */
size_t verify_next(struct verify_file *file, const char **ret_data, size_t size);
/* The next line without its end, replacing what line held; false at the end, and when a line is too long. */
bool verify_line(struct verify_file *file, struct buf *line);
/* A whole file as JSON; NULL, told, when it is none. The caller owns it. */
json_t *verify_json(struct verify *verify, const char *path);

/* verify_files.c: pass over the archive. False: there is no going on. */
bool verify_manifest(struct verify *verify);
bool verify_archive(struct verify *verify);

/* verify_run.c */
void verify_run(struct verify *verify, const struct manifest_run *run);
/* verify_console.c: the chain, and the hash that the agent told (run is its run.json). */
void verify_console(struct verify *verify, const struct manifest_run *run, const json_t *record);
/* verify_cases.c: what was recorded against what the judge says now. Returns how many differ. */
size_t verify_cases(struct verify *verify, const struct manifest_run *run, const struct case_result *results,
		    size_t count);

#endif
