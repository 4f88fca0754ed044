/* SPDX-License-Identifier: Apache-2.0 */
/* Files a person hands in: read whole, their problems told. */
#ifndef ASSAY_CLI_FILES_H
#define ASSAY_CLI_FILES_H

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/err.h"

/* Appends a file's content ("-": standard input). ERR_NOT_FOUND, ERR_DENIED, ERR_TOO_BIG (the buffer's maximum),
 * ERR_INVALID (a directory), ERR_IO. */
int files_read(const char *path, struct buf *out, struct err *err);

/* Says all problems on stderr, one a line, and returns the exit status for bad input. */
int files_print_problems(const struct doc_problems *problems);

#endif
