/* SPDX-License-Identifier: Apache-2.0 */
/* The contents of a board's flash in a file, so that they outlive power cycles, QEMU and this process. */
#ifndef ASSAY_VIRTUAL_FLASH_STORE_H
#define ASSAY_VIRTUAL_FLASH_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct flash_store {
	uint8_t *cells; /* a shared mapping of the file; NULL when the chip has no flash */
	size_t size;
};

/* Opens or creates the file; a new one holds erased cells. A file of another size is refused: it belongs to another
 * chip. size 0 gives a store without cells and touches no file. */
int flash_store_init(struct flash_store *store, const char *path, size_t size, struct err *err);
void flash_store_finish(struct flash_store *store);

#endif
