/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of an ELF core file of a Cortex-M, as gdb reads it. Pure: bytes out of registers and memory.
 *
 * Notes: one NT_PRSTATUS and NT_ARM_VFP a thread, NT_GDB_TDESC (so that gdb knows an M-profile core also without its
 * image), and "ASSAY" type 0x41535359, the words of enum core_register as they were read. Thread 1 is the core as it
 * stood. When it stood in an exception, thread 2 is what that exception broke off, out of the frame it left on the
 * stack: right also where a debugger cannot unwind through the handler. Then one PT_LOAD for each range of memory. */
#ifndef ASSAY_IMAGE_CORE_ELF_H
#define ASSAY_IMAGE_CORE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/image/board_type.h"
#include "core/image/core_registers.h"
#include "core/image/image.h"

#define CORE_MAX_RANGES (2 * BOARD_TYPE_MAX_REGIONS)
#define CORE_RAM_BYTES  (512u << 10)            /* of RAM in a core file */
#define CORE_FILE_BYTES (CORE_RAM_BYTES + 8192) /* at most */

struct core_range {
	uint32_t address;
	uint32_t size_bytes;
	const uint8_t *data; /* NULL in a plan */
};

/* Which RAM a core file of this board is to hold: all, or when that is more than CORE_RAM_BYTES what is around the
 * stack pointers and then the beginning of each region (data, bss and heap of most images). Sorted, not overlapping.
 * Returns how many of ret_ranges (room for CORE_MAX_RANGES). */
size_t core_plan(const struct board_type *type, const struct core_registers *registers, struct core_range *ret_ranges);

/* The registers of what the exception broke off; of a core that locked up and whose frame is not in the ranges, as far
 * as its LR tells, of the caller. False when the core is in no exception, or nothing is known. */
bool core_interrupted(const struct core_registers *registers, const struct core_range *ranges, size_t range_count,
		      struct core_registers *ret_interrupted);

/* Appends the file. Returns 0, ERR_NOMEM or ERR_TOO_BIG. */
int core_elf_write(const struct core_registers *registers, const struct core_range *ranges, size_t range_count,
		   struct buf *out);

#endif
