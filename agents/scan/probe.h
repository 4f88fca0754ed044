/* SPDX-License-Identifier: Apache-2.0 */
/* Debug probes among what hangs on USB, and how OpenOCD is told of them. */
#ifndef ASSAY_AGENTS_SCAN_PROBE_H
#define ASSAY_AGENTS_SCAN_PROBE_H

#include "agents/scan/usb.h"

#define PROBE_SERIAL_MAX 63 /* as a rack file takes it (struct board_config) */

struct probe_kind {
	const char *word;          /* for names of boards: "stlink" */
	const char *text;          /* "ST-LINK/V2-1" */
	const char *interface;     /* OpenOCD's file */
	const char *ask_interface; /* the one, and its transport, to ask for the debug port with */
	const char *transport;
};

/* NULL: it is no probe that is known. */
const struct probe_kind *probe_kind_of(const struct usb_device *device);
/* Its serial number can be given to OpenOCD. */
bool probe_serial_is_good(const struct usb_device *device);

#endif
