/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of a plain tar archive, in the one form that evidence uses: regular files of mode 0444, owner 0, one time
 * for all. Because no byte of a header is free, a reader can hold every byte of an archive to what it should be, which
 * a general library cannot. GNU tar, bsdtar and Python read it. */
#ifndef ASSAY_BUNDLE_USTAR_H
#define ASSAY_BUNDLE_USTAR_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define USTAR_BLOCK      512
#define USTAR_PATH_MAX   101 /* with the NUL */
#define USTAR_SIZE_MAX   ((UINT64_C(1) << 33) - 1)
#define USTAR_END_BLOCKS 2 /* of zeros, and nothing behind them */

struct ustar_entry {
	char path[USTAR_PATH_MAX]; /* of letters, digits and "._-", in at least one part; no part begins with a dot */
	uint64_t size_bytes;
	int64_t time_s;
};

/* ERR_INVALID: path, size or time cannot stand in a header. */
int ustar_write(const struct ustar_entry *entry, uint8_t ret_block[USTAR_BLOCK], struct err *err);
/* ERR_CORRUPT: not, to the last byte, what ustar_write makes. ret_entry->path is what there was in any case. */
int ustar_read(const uint8_t block[USTAR_BLOCK], struct ustar_entry *ret_entry, struct err *err);
/* Zeros that follow a file's bytes. */
size_t ustar_padding(uint64_t size_bytes);

#endif
