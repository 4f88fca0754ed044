/* SPDX-License-Identifier: Apache-2.0 */
/* Small files: read whole, written so that a reader sees the old or the new content, never half of it. */
#ifndef ASSAY_AGENTS_BASE_FILES_H
#define ASSAY_AGENTS_BASE_FILES_H

#include <stddef.h>

#include "core/base/err.h"

/* Reads a file of at most max bytes into a heap block with a NUL behind it; free() it. */
int files_read(const char *path, size_t max, char **ret_data, size_t *ret_len, struct err *err);
/* Writes path by way of path.new and rename. Survives the death of the program at any moment; not synced to disk. */
int files_write(const char *path, const void *data, size_t len, struct err *err);
/* Makes a directory (0700) and what is missing above it. An existing one is fine. */
int files_make_dir(const char *path, struct err *err);

#endif
