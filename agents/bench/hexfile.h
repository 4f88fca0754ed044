/* SPDX-License-Identifier: Apache-2.0 */
/* Writes segments as an Intel HEX file: the one form in which a tool can be given all of an image's flash at once, so
 * that it erases a sector that two segments share only once. */
#ifndef ASSAY_AGENTS_BENCH_HEXFILE_H
#define ASSAY_AGENTS_BENCH_HEXFILE_H

#include <stdint.h>

#include "core/base/buf.h"

/* Appends the records of size_bytes at address. Returns 0 or what buf_append returns. */
int hexfile_append(struct buf *out, uint32_t address, const uint8_t *data, uint32_t size_bytes);
/* Appends the end record. */
int hexfile_end(struct buf *out);

#endif
