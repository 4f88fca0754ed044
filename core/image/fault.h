/* SPDX-License-Identifier: Apache-2.0 */
/* What a Cortex-M core's fault status registers say, in words. Pure. */
#ifndef ASSAY_IMAGE_FAULT_H
#define ASSAY_IMAGE_FAULT_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/image/core_registers.h"

/* Appends lines: the exception the core is in, then every status bit that is set, each with what it means and the
 * address that belongs to it. Returns 0, ERR_NOMEM or ERR_TOO_BIG. */
int fault_describe(const struct core_registers *registers, struct buf *out);
/* The same as a table of all registers, four a line. */
int fault_list_registers(const struct core_registers *registers, struct buf *out);

/* "HardFault", "UsageFault", "IRQ 5", "thread mode" …; valid until the next call from the same thread. */
const char *fault_exception_name(uint32_t xpsr, char ret_name[24]);

/* A debugger may have broken the lockup up before it was looked at: then only where the core stands tells. */
bool fault_locked_up(uint32_t dhcsr, uint32_t pc);

/* EXC_RETURN: what LR holds while an exception is handled. */
bool fault_is_exc_return(uint32_t word);

#endif
