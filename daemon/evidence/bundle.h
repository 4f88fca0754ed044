/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle in the making. The manifest stands before the files that it lists, so their bytes go to a file without a
 * name first, hashed on the way; then manifest, signature and they are put together. Nothing of it is left when the
 * program ends in between. */
#ifndef ASSAY_EVIDENCE_BUNDLE_H
#define ASSAY_EVIDENCE_BUNDLE_H

#include <stdint.h>
#include <stdio.h>

#include <sodium.h>

#include "core/base/err.h"
#include "core/base/json.h"
#include "core/bundle/manifest.h"

/* In the caller's memory; init/finish. The first error stays, and everything after it does nothing. */
struct bundle {
	struct manifest manifest; /* the caller fills in all but files */
	FILE *spool;
	struct buf line;            /* of JSON on its way into the spool; kept, as there are many */
	struct manifest_file *open; /* being written, or NULL */
	crypto_hash_sha256_state hash;
	struct err err;
};

/* dir: where the file without a name shall be. */
int bundle_init(struct bundle *bundle, const char *dir, struct err *err);
void bundle_finish(struct bundle *bundle);

/* One file after the other. */
void bundle_begin(struct bundle *bundle, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bundle_add(struct bundle *bundle, const void *data, size_t size);
/* Compact, with a newline; takes the reference. NULL: memory ran out. */
void bundle_add_json(struct bundle *bundle, json_t *value);
void bundle_end(struct bundle *bundle);
/* A whole file of one JSON value; takes the reference. */
void bundle_add_json_file(struct bundle *bundle, json_t *value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A stream whose bytes go into the open file; fclose it before bundle_end. NULL: the bundle has an error. */
FILE *bundle_stream(struct bundle *bundle);
/* A whole file out of a descriptor, which is closed. */
void bundle_add_fd_file(struct bundle *bundle, int fd, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As an error of the bundle, unless it has one. Returns the code that it has. */
int bundle_fail(struct bundle *bundle, const struct err *err);

/* Adds SHA256SUMS, signs, and writes the archive. Its time is that of the manifest. ret_sha256: of the manifest. */
int bundle_write(struct bundle *bundle, const struct minisig_secret *secret, int fd, char ret_sha256[SHA256_HEX],
		 struct err *err);

#endif
