/* SPDX-License-Identifier: Apache-2.0 */
/* Asks what a probe sees: the debug port's id of the chip behind it. */
#ifndef ASSAY_AGENTS_SCAN_ASK_H
#define ASSAY_AGENTS_SCAN_ASK_H

#include "agents/scan/probe.h"

/* Runs OpenOCD once, which attaches to the chip without halting or writing anything; waits up to 15 s. 0 and the id, or
 * what went wrong. */
int ask_dpidr(const struct usb_device *device, const struct probe_kind *kind, uint32_t *ret_dpidr, struct err *err);

#endif
