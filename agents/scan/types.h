/* SPDX-License-Identifier: Apache-2.0 */
/* Board types by the id of their chips' debug port. */
#ifndef ASSAY_AGENTS_SCAN_TYPES_H
#define ASSAY_AGENTS_SCAN_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

/* The names of the types in a folder of <type>.yaml files whose chips have that id, with spaces between; how many. */
size_t types_with_dpidr(const char *types_dir, uint32_t dpidr, struct buf *ret_names);

#endif
